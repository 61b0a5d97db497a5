"""Who calls the API: a bearer token of one workspace, with a scope."""

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer

from accounts import pace
from accounts.access import Deed, may
from accounts.models import ApiToken, Scope


class TooFast(HttpError):
    """That was asked too often; says after how many seconds to go on."""

    def __init__(self, words: str, after: int) -> None:
        super().__init__(429, f"{words} Try again in {after} seconds.")
        self.after = after


class TokenAuth(HttpBearer):
    """`Authorization: Bearer adgen_…`; a read token must not write."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        found = ApiToken.find(token)
        if found is None:
            return None
        if pace.CALLS.is_over(found.pk):
            raise TooFast("That was more than 600 calls within ten seconds.", pace.CALLS.window)
        if request.method not in ("GET", "HEAD"):
            _may_write(found)
        found.touch()
        return found


def _may_write(token: ApiToken) -> None:
    """A token does no more than the person it belongs to, whatever it was minted for."""
    if token.scope != Scope.WRITE:
        raise HttpError(403, "This token is read-only. Create one with the scope “write”.")
    if not may(token.user, Deed.EDIT, token.workspace):
        raise HttpError(403, "The person this token belongs to has view-only access here.")


def bearer_of(request: HttpRequest) -> ApiToken | None:
    """The living token in the request's header, for views outside the API."""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    return ApiToken.find(secret.strip()) if kind.lower() == "bearer" and secret else None
