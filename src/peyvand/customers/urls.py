"""Addresses of the customer fields in the settings."""

from django.urls import path

from peyvand.customers.views import fields

app_name = "customers"
urlpatterns = [
    path("settings/fields/", fields.fields, name="fields"),
    path("settings/fields/<pid:pid>/", fields.field, name="field"),
    path("settings/fields/<pid:pid>/away/", fields.away, name="field_away"),
]
