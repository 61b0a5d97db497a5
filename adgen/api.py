"""Mounts the apps' routers as one API and says every refusal as problem+json."""

import json
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser

from accounts.tokens import TokenAuth
from runs import errors
from runs.api import router

TITLES = {
    400: "Bad request",
    401: "Sign in",
    403: "Not allowed",
    404: "Not found",
    409: "Conflict",
    413: "Too large",
}
TITLES |= {415: "JSON only", 422: "Check the brief"}


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
        for path in schema["paths"].values():
            for operation in path.values():
                for status, answer in operation["responses"].items():
                    if int(status) >= 400 and "content" in answer:
                        answer["content"] = {
                            "application/problem+json": answer["content"]["application/json"]
                        }
        return schema


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
    # Ninja's place begins with where it was sent ("body") and the argument's name.
    return brief_refused(request, errors.BriefRefused(errors.faults_of(refusal.errors, skip=2)))


@api.exception_handler(errors.NotAllowed)
def not_now(request: HttpRequest, refusal: errors.NotAllowed) -> HttpResponse:
    return problem(409, str(refusal))


@api.exception_handler(AuthenticationError)
def not_authenticated(request: HttpRequest, refusal: AuthenticationError) -> HttpResponse:
    return problem(401, "Send a valid token: Authorization: Bearer … (`manage.py token` mints one).")


@api.exception_handler(HttpError)
def refused(request: HttpRequest, refusal: HttpError) -> HttpResponse:
    return problem(refusal.status_code, str(refusal))


@api.exception_handler(RequestDataTooBig)
def too_big(request: HttpRequest, refusal: RequestDataTooBig) -> HttpResponse:
    return problem(413, "The body is larger than 1 MB. Split the brief.")
