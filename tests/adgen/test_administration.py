"""The admin's frame: every record in exactly one place, under the studio's words, and only what one may see."""

import re

import pytest
from django.contrib import admin as django_admin
from django.test import Client
from django.urls import reverse

from accounts.models import User

NOT_THE_STUDIOS = re.compile(r">\s*(creatives?|generations?|workflows?|transitions?|audits?)\s*<", re.I)


def _lists(html: str, part: str) -> list[str]:
    inside = html.split(part, 1)[1].split("</aside>" if "aside" in part else "</main>", 1)[0]
    return re.findall(r'href="(/admin/\w+/\w+/)"', inside)


@pytest.mark.parametrize("part", ["<aside", "<main"])
def test_every_record_stands_in_one_place(admin: Client, part: str) -> None:
    there = _lists(admin.get("/admin/").content.decode(), part)
    wanted = [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in django_admin.site._registry
    ]
    assert sorted(there) == sorted(wanted)


def test_records_are_called_as_the_studio_calls_them(admin: Client) -> None:
    assert NOT_THE_STUDIOS.search(admin.get("/admin/").content.decode()) is None


@pytest.mark.django_db
def test_staff_without_rights_is_shown_no_record() -> None:
    client = Client()
    client.force_login(User.objects.create_user("new@studio.example", is_staff=True))
    html = client.get("/admin/").content.decode()
    assert _lists(html, "<aside") == _lists(html, "<main") == []


def test_a_page_of_the_admin_says_where_it_stands(admin: Client) -> None:
    html = admin.get("/admin/runs/generation/").content.decode()
    assert "<h1>Pictures</h1>" in html
    assert re.search(r'href="/admin/runs/generation/" aria-current="page"', html)
