"""Pages that fail with a customer's data in the error."""

from django.db import IntegrityError, connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from peyvand.workspaces.access import public


@public("Only in a test.")
def fails(request: HttpRequest) -> HttpResponse:
    raise ValueError(f"cannot read {request.GET.get('q', '')} {request.POST.dict()}")


@public("Only in a test.")
def collides(request: HttpRequest) -> HttpResponse:
    cause = IntegrityError(f"Key (email)=({request.GET.get('q', '')}) already exists.")
    raise RuntimeError(f"while storing {request.body!r}") from cause


@public("Only in a test.")
def asks(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT '{request.GET.get('q', '')}' FROM nowhere")
    return HttpResponse()


urlpatterns = [path("spilling/fails/", fails), path("spilling/collides/", collides), path("spilling/asks/", asks)]
