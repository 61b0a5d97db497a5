"""Mounts the apps' routers as one API and says every refusal as problem+json."""

import json
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser

from accounts.tokens import TokenAuth, TooFast
from adgen.outage import is_outage, unavailable
from runs import errors
from runs.ads_api import router as ads_router
from runs.api import router
from runs.assets_api import router as assets_router
from runs.storage import StorageFull

log = logging.getLogger(__name__)

TITLES = {
    400: "Bad request",
    401: "Sign in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Too large",
}
TITLES |= {415: "JSON only", 422: "Check the brief", 429: "Too many requests", 507: "Storage full"}


class JsonOnly(Parser):
    """A browser form can send text/plain across sites; JSON it cannot."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type != "application/json":
            raise HttpError(415, "Send the body as JSON, with Content-Type: application/json.")
        try:
            return json.loads(request.body)
        except (ValueError, RecursionError):
            raise HttpError(400, "The body is not valid JSON.") from None


class StudioAPI(NinjaAPI):
    def get_openapi_schema(self, **kwargs: Any) -> Any:
        """Refusals are problem+json, and the page at /docs must say so."""
        schema = super().get_openapi_schema(**kwargs)
        for calls in schema["paths"].values():
            for operation in calls.values():
                for status, answer in operation["responses"].items():
                    if int(status) >= 400 and "content" in answer:
                        answer["content"] = {
                            "application/problem+json": answer["content"]["application/json"]
                        }
        return schema

    def _get_urls(self) -> list[Any]:
        """Ninja answers addresses and methods that are not there as pages for people; programs read JSON."""
        urls = super()._get_urls()
        for url in urls:
            url.callback = _in_json(url.callback)  # type: ignore[arg-type]
        return [*urls, path("<path:rest>", csrf_exempt(_unknown))]


def _in_json(view: Callable[..., Any]) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            answer: HttpResponseBase = view(request, *args, **kwargs)
        except Http404:
            return _unknown(request)
        if answer.status_code != 405:
            return answer
        refusal = problem(405, f"{request.method} is not allowed here. Allowed: {answer.headers['Allow']}.")
        refusal.headers["Allow"] = answer.headers["Allow"]
        return refusal

    return inner


def _unknown(request: HttpRequest, rest: str = "") -> HttpResponse:
    return problem(404, "Nothing at this address. See /docs for everything there is.")


api = StudioAPI(
    title="AdGen Studio",
    version=settings.VERSION,
    description="Start runs and fetch finished ads. Press Authorize and paste a token from `manage.py token`.",
    auth=TokenAuth(),
    parser=JsonOnly(),
    docs_url=None,
    urls_namespace="api",
)
api.add_router("", router)
api.add_router("", ads_router)
api.add_router("", assets_router)


def problem(status: int, detail: str, faults: list[dict[str, str]] | None = None) -> HttpResponse:
    title = TITLES.get(status, "It did not work")
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "errors": faults or []}
    answer = HttpResponse(json.dumps(body), status=status, content_type="application/problem+json")
    if status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    return answer


@api.exception_handler(errors.BriefRefused)
def brief_refused(request: HttpRequest, refusal: errors.BriefRefused) -> HttpResponse:
    faults = [{"field": fault.field, "words": fault.words} for fault in refusal.faults]
    return problem(422, str(refusal), faults)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, refusal: ValidationError) -> HttpResponse:
    # Ninja's place begins with where it was sent; in a body the argument's name follows.
    skip = 2 if refusal.errors and refusal.errors[0]["loc"][0] == "body" else 1
    sent = json.loads(request.body or "null") if request.content_type == "application/json" else None
    faults = errors.faults_of(refusal.errors, skip=skip, raw=sent)
    return brief_refused(request, errors.BriefRefused(faults))


@api.exception_handler(errors.QuotaReached)
def enough(request: HttpRequest, refusal: errors.QuotaReached) -> HttpResponse:
    answer = problem(429, str(refusal))
    answer.headers["Retry-After"] = "3600"  # its day slides: an hour later some of it may be free again
    return answer


@api.exception_handler(errors.NotAllowed)
def not_now(request: HttpRequest, refusal: errors.NotAllowed) -> HttpResponse:
    return problem(409, str(refusal))


@api.exception_handler(AuthenticationError)
def not_authenticated(request: HttpRequest, refusal: AuthenticationError) -> HttpResponse:
    return problem(401, "Send a valid token: Authorization: Bearer … (create one with `manage.py token`).")


@api.exception_handler(TooFast)
def too_fast(request: HttpRequest, refusal: TooFast) -> HttpResponse:
    answer = problem(429, str(refusal))
    answer.headers["Retry-After"] = str(refusal.after)
    return answer


@api.exception_handler(StorageFull)
def no_room(request: HttpRequest, fault: StorageFull) -> HttpResponse:
    log.error("%s %s: the storage is full", request.method, request.path)
    return problem(507, str(fault.strerror))


@api.exception_handler(HttpError)
def refused(request: HttpRequest, refusal: HttpError) -> HttpResponse:
    # Ninja says “cannot parse” of whatever our parser raises; the reason is in the cause.
    reason = refusal.__cause__ if isinstance(refusal.__cause__, HttpError) else refusal
    return problem(reason.status_code, str(reason))


@api.exception_handler(RequestDataTooBig)
def too_big(request: HttpRequest, refusal: RequestDataTooBig) -> HttpResponse:
    return problem(413, "The body is larger than 1 MB. Split the brief.")


@api.exception_handler(Exception)
def broken(request: HttpRequest, fault: Exception) -> HttpResponse:
    """Whatever nobody expected: the reason is for the log, and programs read JSON here too."""
    if is_outage(fault):
        log.warning("%s %s: the database does not answer: %s", request.method, request.path, fault)
        return unavailable(request, fault)
    log.error("%s %s failed", request.method, request.path, exc_info=fault)
    return problem(
        500,
        "Something went wrong on our side. Try again; if it keeps happening, the studio's log has the reason.",
    )
