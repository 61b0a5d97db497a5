"""Inviting people into a workspace by its page, and what became of them."""

import re

from django.test import Client

from accounts.models import Audit, Membership, Workspace

PASSWORD = "a long walk to the sea"


def page(workspace: Workspace, rest: str = "members/") -> str:
    return f"/workspaces/{workspace.uid}/{rest}"


def invite(client: Client, workspace: Workspace, email: str = "", role: str = "editor") -> str:
    """The path of the link that the page shows."""
    answer = client.post(page(workspace, "members/invite/"), {"email": email, "role": role})
    assert answer.status_code == 200, answer.content.decode()
    found = re.search(r'id="link">http://[^/]+(/accounts/invited/[^<]+)<', answer.content.decode())
    assert found is not None
    return found[1]


def newcomer(**changes: str) -> dict[str, str]:
    return {"name": "Dora Vik", "email": "dora@example.com", "password": PASSWORD, **changes}


def role_of(email: str, workspace: Workspace) -> str | None:
    found = Membership.objects.filter(user__email=email, workspace=workspace).first()
    return found.role if found else None


def deeds(workspace: Workspace) -> list[str]:
    return list(Audit.objects.filter(workspace=workspace).order_by("pk").values_list("action", flat=True))
