"""Whether who was let in may still be here: asked again for as long as a page of theirs stays open."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Self

from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import SigninLink, User
from accounts.sessions import lacks_second_step, ran_out

BATCH = 500  # rows deleted at once: nobody waits long for the table


class Ticket(NamedTuple):
    """What somebody came in with: their session, and what it proved of their password then."""

    user: int
    session: str
    proof: str

    @classmethod
    def of(cls, scope: Mapping[str, Any]) -> Self:
        """Of a websocket whose user is signed in."""
        user: User = scope["user"]
        return cls(user.pk, scope["session"].session_key or "", user.get_session_auth_hash())


def still_good(tickets: Iterable[Ticket]) -> set[Ticket]:
    """Those whose session goes on: nobody signed out, changed the password, was locked out or is long gone.

    Two queries, and one a person where the settings ask for a second step.
    """
    tickets = set(tickets)
    keys = {ticket.session for ticket in tickets}
    alive = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    going_on = {row.session_key for row in alive if not ran_out(row.get_decoded())}
    users = User.objects.filter(pk__in={ticket.user for ticket in tickets}, is_active=True)
    proofs = {user.pk: user.get_session_auth_hash() for user in users if not lacks_second_step(user)}
    return {
        ticket for ticket in tickets if ticket.session in going_on and proofs.get(ticket.user) == ticket.proof
    }


def forget_ended() -> None:
    """Sessions and sign-in links that let nobody in any more: every sign-in leaves one."""
    now = timezone.now()
    for rows in (Session.objects.filter(expire_date__lt=now), SigninLink.objects.filter(expires_at__lt=now)):
        while pks := [row.pk for row in rows.only("pk")[:BATCH]]:
            rows.filter(pk__in=pks).delete()
