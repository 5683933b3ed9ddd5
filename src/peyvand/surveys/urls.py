"""Addresses of surveys; console ones are written without `/w/<slug>`."""

from django.urls import path

from peyvand.surveys.views import answering, answers, preview, surveys, unsubscribe

app_name = "surveys"
urlpatterns = [
    path("s/<str:token>/", answering.score, name="score"),
    path("s/<str:token>/why/", answering.why, name="why"),
    path("s/<str:token>/thanks/", answering.thanks, name="thanks"),
    path("u/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
    path("surveys/", surveys.surveys, name="list"),
    path("surveys/new/", surveys.create, name="create"),
    path("surveys/ready/", surveys.lay, name="lay"),
    path("surveys/<pid:pid>/", surveys.edit, name="edit"),
    path("surveys/<pid:pid>/switch/", surveys.switch, name="switch"),
    path("surveys/<pid:pid>/test/", surveys.trial, name="trial"),
    path("surveys/<pid:pid>/preview/<str:step>/", preview.preview, name="preview"),
    path("surveys/<pid:pid>/sketch/<str:step>/", preview.sketch, name="sketch"),
    path("answers/", answers.answers, name="answers"),
    path("answers/export/", answers.export, name="answers_export"),
]
