"""How the tests use the admin: its addresses, its actions, and the trail that they leave."""

from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import Audit


def page(model: str, row: Any = None, **query: Any) -> str:
    if row is None:
        return reverse(f"admin:runs_{model}_changelist", query=query)
    return reverse(f"admin:runs_{model}_change", args=[row.pk])


def act(client: Client, model: str, action: str, *rows: Any, **more: str) -> str:
    """Choose rows in the list, choose an action, press Go; returns the page that follows."""
    data = {"action": action, "_selected_action": [row.pk for row in rows], **more}
    answer = client.post(page(model), data, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def trail() -> list[tuple[str, str, str]]:
    return list(Audit.objects.order_by("pk").values_list("actor", "action", "target"))
