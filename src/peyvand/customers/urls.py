"""Addresses of customers in the settings: fields, values many people share."""

from django.urls import path

from peyvand.customers.views import fields, lifecycle, shared

app_name = "customers"
urlpatterns = [
    path("settings/lifecycle/", lifecycle.lifecycle, name="lifecycle"),
    path("settings/fields/", fields.fields, name="fields"),
    path("settings/fields/<pid:pid>/", fields.field, name="field"),
    path("settings/fields/<pid:pid>/away/", fields.away, name="field_away"),
    path("settings/shared/", shared.shared_values, name="shared"),
    path("settings/shared/<pid:pid>/<str:word>/", shared.decide, name="shared_decide"),
]
