"""The brand's colours as a stylesheet: public, since survey pages wear them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from peyvand.core import colours
from peyvand.workspaces.access import public
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services.logos import logo_folder


@public("The colours of a brand stand on its public survey pages.")
@require_safe
@cache_control(public=True, max_age=31_536_000, immutable=True)
def brand_css(request: HttpRequest, slug: str, colour: str) -> HttpResponse:
    """The accent variables of the colour in the address, so that a change is seen at once; it tells nobody which brands there are."""
    try:
        found = colours.palette(colour)
    except colours.ColourError:
        raise Http404 from None
    return HttpResponse(found.css(), content_type="text/css; charset=utf-8")


@public("A brand's logo stands on its public survey pages.")
@require_safe
def logo(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """The logo, always a PNG of our own making; its name changes with its content, so it may be kept for ever."""
    if not Workspace.objects.filter(slug=slug, logo=request.path_info).exists():
        raise Http404
    try:
        content = (logo_folder() / f"{name}.png").read_bytes()
    except FileNotFoundError:
        raise Http404 from None
    answer = HttpResponse(content, content_type="image/png")
    answer["Cache-Control"] = "public, max-age=31536000, immutable"
    answer["ETag"] = f'"{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
