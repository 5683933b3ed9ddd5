"""Addresses of the timeline in the settings."""

from django.urls import path

from peyvand.timeline.views import kinds, operations

app_name = "timeline"
urlpatterns = [
    path("settings/kinds/", kinds.kinds, name="kinds"),
    path("settings/kinds/<pid:pid>/", kinds.archive, name="kind"),
    path("settings/operations/", operations.operations, name="operations"),
    path("settings/operations/letters/", operations.retry_all, name="retry_all"),
    path("settings/operations/letters/<pid:pid>/", operations.letter, name="letter"),
    path("settings/operations/jobs/<pid:pid>/", operations.job, name="job"),
]
