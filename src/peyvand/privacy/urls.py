"""Addresses of privacy: one person's export and erasure, and the settings page. Written without the workspace's `/w/<slug>`."""

from django.urls import path

from peyvand.privacy.views import person, retention, sending, settings

app_name = "privacy"
urlpatterns = [
    path("customers/<pid:pid>/privacy/", person.person, name="person"),
    path("customers/<pid:pid>/privacy/export/", person.export, name="export"),
    path("settings/privacy/", settings.settings, name="settings"),
    path("settings/privacy/approve/<pid:pid>/", settings.agree, name="approve"),
    path("settings/privacy/refuse/<pid:pid>/", settings.disagree, name="refuse"),
    path("settings/privacy/kept/", retention.retention, name="retention"),
    path("settings/privacy/kept/records/<slug:code>/", retention.record, name="record"),
    path("settings/privacy/kept/<pid:pid>/remove/", retention.remove, name="retention_remove"),
    path("settings/privacy/sending/", sending.sending, name="sending"),
]
