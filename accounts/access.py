"""May this user do that here? The one place that answers."""

from collections.abc import Iterable
from enum import StrEnum, auto
from typing import Any, Self

from django.db import models

from accounts.models import Membership, Role, User, Workspace


class Deed(StrEnum):
    SEE = auto()
    EDIT = auto()  # briefs, runs, brand kits
    MANAGE = auto()  # members, tokens, retention


_ALLOWED = {
    Role.OWNER: frozenset(Deed),
    Role.EDITOR: frozenset({Deed.SEE, Deed.EDIT}),
    Role.VIEWER: frozenset({Deed.SEE}),
}


def role_of(user: User, workspace: Workspace) -> Role | None:
    role = Membership.objects.filter(user=user, workspace=workspace).values_list("role", flat=True).first()
    return Role(role) if role else None


def may(user: User, deed: Deed, workspace: Workspace) -> bool:
    role = role_of(user, workspace)
    return role is not None and deed in _ALLOWED[role]


def deeds_of(users: Iterable[int], workspace: int) -> dict[int, frozenset[Deed]]:
    """What each of these users may do there, in one query; who is no member any more is left out."""
    members = Membership.objects.filter(workspace=workspace, user__in=users, user__is_active=True)
    return {user: _ALLOWED[Role(role)] for user, role in members.values_list("user", "role")}


class MemberQuerySet[M: models.Model](models.QuerySet[M]):
    """Rows with a `workspace`: what is not yours does not exist for you."""

    def for_member(self, user: Any) -> Self:
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.filter(workspace__memberships__user=user)
