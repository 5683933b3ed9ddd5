"""Addresses of webhooks, written without `/w/<slug>`."""

from django.urls import path

from peyvand.webhooks.views import endpoints

app_name = "webhooks"
urlpatterns = [
    path("settings/webhooks/", endpoints.endpoints, name="endpoints"),
    path("settings/webhooks/<pid:pid>/", endpoints.endpoint, name="endpoint"),
    path("settings/webhooks/<pid:pid>/secret/", endpoints.secret, name="secret"),
    path("settings/webhooks/<pid:pid>/test/", endpoints.test, name="test"),
    path("settings/webhooks/<pid:pid>/again/", endpoints.again, name="again"),
    path("settings/webhooks/<pid:pid>/again/<pid:telling>/", endpoints.one_again, name="one_again"),
    path("settings/webhooks/<pid:pid>/remove/", endpoints.remove, name="remove"),
]
