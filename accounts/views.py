"""The one-time sign-in link, joining by an invitation, one's own account. The rest of signing in is allauth's."""

from typing import Any, cast

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import members
from accounts.audit import note
from accounts.forms import Newcomer, Person
from accounts.models import Invitation, SigninLink, User

BACKEND = "django.contrib.auth.backends.ModelBackend"


@never_cache
@require_http_methods(["GET", "POST"])
def signin_link(request: HttpRequest, secret: str) -> HttpResponse:
    """GET only shows a button: mail scanners and link previews must not spend the link."""
    link = SigninLink.find(secret)
    if request.method == "POST" and link is not None and link.use():
        login(request, link.user, backend=BACKEND)
        return redirect("/")
    context = {
        "valid": link is not None and request.method == "GET",
        "email": link.user.email if link else "",
    }
    return render(request, "accounts/signin_link.html", context, status=200 if context["valid"] else 410)


@never_cache
@require_http_methods(["GET", "POST"])
def invited(request: HttpRequest, secret: str) -> HttpResponse:
    """GET spends nothing. Who is signed in joins with one press, others make an account first."""
    invitation = Invitation.find(secret)
    if invitation is None:
        return render(request, "accounts/invited.html", {"over": True}, status=410)
    if not request.user.is_authenticated and _is_known(invitation):
        return render(request, "accounts/invited.html", {"invitation": invitation, "known": True})
    if _is_for_another(request, invitation):
        return render(request, "accounts/invited.html", {"invitation": invitation, "other": True}, status=403)
    form = None if request.user.is_authenticated else Newcomer(request.POST or None, invitation=invitation)
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            return _join(request, invitation, form)
        except members.Refused as refusal:
            messages.error(request, str(refusal))
        except IntegrityError:  # two presses at once: the other one made the account
            messages.error(request, _("This email has an account now. Sign in with it."))
        return redirect(request.path)
    context = {"invitation": invitation, "form": form}
    return render(request, "accounts/invited.html", context, status=422 if form and form.errors else 200)


def _is_known(invitation: Invitation) -> bool:
    """Whether the address it was sent to has an account, which is to be signed in to."""
    return bool(invitation.email) and User.objects.filter(email__iexact=invitation.email).exists()


def _is_for_another(request: HttpRequest, invitation: Invitation) -> bool:
    """Whether somebody is signed in whose address it was not sent to."""
    email = getattr(request.user, "email", "")
    return bool(email and invitation.email) and invitation.email != email.lower()


def _join(request: HttpRequest, invitation: Invitation, form: Newcomer | None) -> HttpResponse:
    with transaction.atomic():  # no account is left where the invitation was spent meanwhile
        user: Any = request.user if form is None else form.create()
        members.accept(invitation, cast(User, user))
    if form is not None:
        login(request, user, backend=BACKEND)
    request.session["workspace"] = str(invitation.workspace.uid)
    messages.success(request, _("Welcome to %(workspace)s.") % {"workspace": invitation.workspace.name})
    return redirect("/")


def nowhere(request: HttpRequest, key: str = "") -> HttpResponse:
    """Nobody gives their account another address here: nothing would prove that it is theirs."""
    raise Http404


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """What somebody can do about their own account."""
    user = cast(User, request.user)
    form = Person(request.POST or None, initial={"name": user.get_full_name()})
    if request.method == "POST" and form.is_valid():
        form.save(user)
        messages.success(request, _("Saved."))
        return redirect("accounts:account")
    context = {
        "form": form,
        "guarded": is_mfa_enabled(user),
        "places": user.memberships.select_related("workspace").order_by("pk"),
    }
    return render(request, "accounts/account.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def leave_others(request: HttpRequest) -> HttpResponse:
    """Every other session of theirs is over at once; this one goes on."""
    user = cast(User, request.user)
    user.end_sessions()
    update_session_auth_hash(request, user)
    note(None, user, "account.end_sessions", user.email)
    messages.success(request, _("You’re signed out everywhere else."))
    return redirect("accounts:account")
