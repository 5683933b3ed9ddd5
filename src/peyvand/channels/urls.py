"""Addresses of channels; console ones are written without `/w/<slug>`."""

from django.urls import path

from peyvand.channels.views import email, hooks, outbox

app_name = "channels"
urlpatterns = [
    path("hooks/<slug:kind>/<slug:token>/", hooks.hook, name="hook"),
    path("settings/email/", email.email, name="email"),
    path("settings/email/test/", email.test, name="email_test"),
    path("settings/email/remove/", email.remove, name="email_remove"),
    path("settings/outbox/", outbox.outbox, name="outbox"),
    path("settings/outbox/<pid:pid>/again/", outbox.send_again, name="resend"),
]
