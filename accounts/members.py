"""Who belongs to a workspace: inviting, joining, changing a role, leaving. Each is noted in the audit log."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import note
from accounts.models import Audit, Invitation, Membership, Role, User, Workspace, digest

MOST_OPEN = 50  # invitations of one workspace that wait at once
MOST_A_DAY = 100  # by one person in all their workspaces: no account is for mail to strangers all day
DAY = timedelta(days=1)


class Refused(Exception):
    """That cannot be done; the words say why and what to do."""


def found(name: str, owner: User) -> Workspace:
    """A new workspace, owned by that user. Raises Refused where they have made as many as one person may."""
    with transaction.atomic():
        # Two at once: the second then counts the first.
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)
        if founded_all(owner):
            words = _("You’ve reached the limit of %(n)d workspaces. Ask your studio admin for more.")
            raise Refused(words % {"n": settings.WORKSPACES_PER_PERSON})
        workspace = Workspace.objects.create(name=name)
        Membership.objects.create(workspace=workspace, user=owner, role=Role.OWNER)
        note(workspace, owner, "workspace.create", name)
    return workspace


def founded_all(owner: User) -> bool:
    """Quotas count by workspace: who may make any number of them has none. One given away counts, one removed not."""
    most = settings.WORKSPACES_PER_PERSON
    made = Audit.objects.filter(actor=owner.email, action="workspace.create", workspace__isnull=False)
    return bool(most) and made.count() >= most


def waiting_for(user: User) -> QuerySet[Invitation]:
    """Open invitations to their address, to be told of. Only the link in the mail lets anybody in: that an account
    has an address does not prove that its mail is read by the same person.
    """
    rows = Invitation.alive().filter(email=user.email.lower())
    return rows.select_related("workspace", "invited_by").order_by("-pk")


def rename(workspace: Workspace, name: str, actor: User) -> None:
    before, workspace.name = workspace.name, name
    with transaction.atomic():
        workspace.save(update_fields=["name"])
        note(workspace, actor, "workspace.rename", name, f"It was “{before}”.")


def invite(workspace: Workspace, actor: User, role: Role, email: str = "") -> tuple[Invitation, str]:
    """An invitation and its secret, of which only the digest is kept. Raises Refused.

    A second one to the same address takes the place of the first.
    """
    email = email.lower()
    if email and Membership.objects.filter(workspace=workspace, user__email__iexact=email).exists():
        raise Refused(_("%(email)s is already a member. Change their role below.") % {"email": email})
    if Invitation.objects.filter(invited_by=actor, created_at__gt=timezone.now() - DAY).count() >= MOST_A_DAY:
        raise Refused(
            _("You’ve invited %(n)d people in the last 24 hours. Try again tomorrow.") % {"n": MOST_A_DAY}
        )
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        _withdraw(Invitation.alive().filter(workspace=workspace, email=email).exclude(email=""))
        if Invitation.alive().filter(workspace=workspace).count() >= MOST_OPEN:
            raise Refused(_("There are %(n)d pending invitations. Revoke some first.") % {"n": MOST_OPEN})
        invitation = Invitation.objects.create(
            workspace=workspace,
            role=role,
            email=email,
            digest=digest(secret),
            invited_by=actor,
            expires_at=timezone.now() + Invitation.LIFE,
        )
        note(workspace, actor, "member.invite", email or "by link", f"As {role.label}.")
    return invitation, secret


def withdraw(invitation: Invitation, actor: User) -> None:
    """Nobody can use it any more; one that is over stays as it is."""
    with transaction.atomic():
        if _withdraw(Invitation.alive().filter(pk=invitation.pk)):
            note(invitation.workspace, actor, "member.withdraw", invitation.email or "by link")


def _withdraw(invitations: QuerySet[Invitation]) -> int:
    return invitations.update(withdrawn_at=timezone.now())


def accept(invitation: Invitation, user: User) -> Membership:
    """Join. Raises Refused: it is for somebody else, or was used, withdrawn or too old meanwhile.

    Who belongs there already keeps their role, and the invitation.
    """
    if invitation.email and invitation.email != user.email.lower():
        words = _("This invitation is for %(email)s. Sign in with that email.")
        raise Refused(words % {"email": invitation.email})
    with transaction.atomic():
        # Two invitations that one person uses at once: the second then finds them here.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        here = Membership.objects.filter(workspace=invitation.workspace, user=user).first()
        if here is not None:
            return here
        if not Invitation.alive().filter(pk=invitation.pk).update(used_at=timezone.now()):
            raise Refused(_("This invitation was already used or revoked. Ask for a new one."))
        member = Membership.objects.create(workspace=invitation.workspace, user=user, role=invitation.role)
        note(invitation.workspace, user, "member.join", user.email, f"As {Role(member.role).label}.")
    return member


def change_role(member: Membership, role: Role, actor: User) -> None:
    """Raises Refused where nobody would be left to own the workspace."""
    with transaction.atomic():
        before = _locked(member, role)
        member.role = role
        member.save(update_fields=["role"])
        if role != Role.OWNER:
            _withdraw(_given_by(member))
        note(member.workspace, actor, "member.role", member.user.email, f"{before.label} → {role.label}.")


def remove(member: Membership, actor: User) -> None:
    """Out of the workspace: tokens stop, open pages close within half a minute. Raises Refused for its last owner.

    No invitation lets them in again: neither one to their address nor one that they made.
    """
    with transaction.atomic():
        _locked(member, None)
        _withdraw(_given_by(member, Q(email__iexact=member.user.email)))
        member.delete()
        action = "member.leave" if actor.pk == member.user_id else "member.remove"
        note(member.workspace, actor, action, member.user.email)


def _given_by(member: Membership, also: Q | None = None) -> QuerySet[Invitation]:
    """What can still be used of the invitations of somebody who may not invite any more, and others like it."""
    which = Q(invited_by=member.user_id) | (also or Q())
    return Invitation.alive().filter(which, workspace=member.workspace)


def _locked(member: Membership, role: Role | None) -> Role:
    """The role until now of a member who gets this one, or none; nobody else changes it meanwhile. Raises Refused."""
    # Locked together: two owners who remove each other at once must not both succeed.
    rows = Membership.objects.filter(Q(role=Role.OWNER) | Q(pk=member.pk), workspace=member.workspace)
    roles = dict(rows.select_for_update().order_by("pk").values_list("pk", "role"))
    if member.pk not in roles:
        raise Refused(_("%(who)s is no longer in this workspace.") % {"who": member.user})
    active = rows.filter(user__is_active=True, role=Role.OWNER).exclude(pk=member.pk)
    if roles[member.pk] == Role.OWNER != role and not active.exists():
        raise Refused(_("A workspace needs an owner. Make someone else an owner first."))
    return Role(roles[member.pk])
