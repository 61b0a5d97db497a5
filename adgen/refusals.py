"""The page for requests that Django itself refuses before any view of ours is asked."""

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.translation import gettext as _
from django.views.defaults import ERROR_400_TEMPLATE_NAME

from adgen.api import problem


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Says what to do where the reason is the address; of other refusals no content is shown."""
    help_words = ""
    if isinstance(exception, DisallowedHost):
        help_words = _(
            "The studio does not know this address. Ask your studio admin to set it in PUBLIC_URL, or its host in "
            "ALLOWED_HOSTS, and restart the studio."
        )
    if request.path.startswith("/api/"):
        return problem(400, help_words or "The request is not valid.")
    page = loader.get_template(ERROR_400_TEMPLATE_NAME)
    return HttpResponse(page.render({"help_words": help_words}, request), status=400)
