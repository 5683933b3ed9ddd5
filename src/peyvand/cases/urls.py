"""Addresses of follow-up, written without the workspace's `/w/<slug>`."""

from django.urls import path

from peyvand.cases.views import case, desk, opening, settings

app_name = "cases"
urlpatterns = [
    path("follow-up/", desk.desk, name="desk"),
    path("follow-up/new/", opening.new, name="new"),
    path("follow-up/<pid:pid>/", case.case, name="case"),
    path("follow-up/<pid:pid>/contact/", case.contact, name="contact"),
    path("follow-up/<pid:pid>/message/", case.message, name="message"),
    path("follow-up/<pid:pid>/promise/", case.promise_step, name="promise"),
    path("follow-up/<pid:pid>/promise/<pid:task>/", case.settle, name="settle"),
    path("follow-up/<pid:pid>/close/", case.close_step, name="close"),
    path("follow-up/<pid:pid>/reopen/", case.reopen_step, name="reopen"),
    path("follow-up/<pid:pid>/note/", case.note, name="note"),
    path("follow-up/<pid:pid>/owner/", case.owner, name="owner"),
    path("follow-up/<pid:pid>/take/", case.take_step, name="take"),
    path("follow-up/<pid:pid>/deadline/", case.deadline, name="deadline"),
    path("settings/follow-up/", settings.settings, name="settings"),
]
