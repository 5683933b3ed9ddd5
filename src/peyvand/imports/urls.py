"""Addresses of imports, all in the console."""

from django.urls import path

from peyvand.imports.views import listing, wizard

app_name = "imports"
urlpatterns = [
    path("imports/", listing.imports, name="list"),
    path("imports/new/", listing.new, name="new"),
    path("imports/<pid:pid>/", wizard.one, name="one"),
    path("imports/<pid:pid>/preview/", wizard.preview, name="preview"),
    path("imports/<pid:pid>/columns/", wizard.columns, name="columns"),
    path("imports/<pid:pid>/files/", wizard.beside, name="beside"),
    path("imports/<pid:pid>/map/", wizard.by_map, name="map"),
    path("imports/<pid:pid>/progress/", wizard.progress, name="progress"),
    path("imports/<pid:pid>/rejected.csv", wizard.rejected, name="rejected"),
    path("imports/<pid:pid>/<slug:verb>/", wizard.act, name="act"),
]
