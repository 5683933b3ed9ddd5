"""Addresses of the catalogue in the settings."""

from django.urls import path

from peyvand.catalogue.views import terms

app_name = "catalogue"
urlpatterns = [
    path("settings/names/", terms.start, name="start"),
    path("settings/names/<slug:dimension>/", terms.terms, name="terms"),
    path("settings/name/<pid:pid>/", terms.term, name="term"),
    path("settings/name/<pid:pid>/act/", terms.act, name="act"),
]
