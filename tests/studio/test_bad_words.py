"""Markup in whatever people, programs and servers write: on every page it stands as the letters that it is."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User, Workspace
from runs import lifecycle
from runs.models import Run
from studio import kits
from studio.models import Brief, Campaign
from tests.conftest import brief, fail

BAD = "<script>alert(1)</script>"
WORSE = '"><img src=x onerror=alert(1)>'
LINK = "javascript:alert(1)"


@pytest.fixture
def run(workspace: Workspace, alice: User) -> Run:
    """Everything in it that a person can write is markup, and so is what the server said of its fault."""
    spec = brief(
        name=BAD,
        products=[{"name": WORSE, "description": BAD}],
        messages=[{"headline": BAD, "line": WORSE, "button": LINK}],
        looks=[{"name": WORSE, "words": BAD}],
    )
    run = lifecycle.start(workspace, alice, spec)
    campaign = Campaign.objects.create(workspace=workspace, name=WORSE, goal=BAD, created_by=alice)
    made = Brief.objects.create(
        workspace=workspace, campaign=campaign, name=BAD, spec=spec.model_dump(mode="json")
    )
    Run.objects.filter(pk=run.pk).update(origin=made.uid)
    kits.make(workspace, WORSE)
    return fail(run, words=f"KSampler: {BAD} {WORSE}")


def test_markup_in_names_words_and_errors_is_shown_as_letters(
    as_alice: Client, alice: User, workspace: Workspace, run: Run
) -> None:
    alice.first_name, workspace.name = BAD, WORSE
    alice.save()
    workspace.save()
    pages = ["home", "campaigns", "kits", "runs", "library", "exports", "deleted"]
    urls = [reverse(f"studio:{name}") for name in pages]
    urls += [reverse("studio:run", args=[run.uid]), reverse("accounts:account")]
    urls += [reverse(f"studio:{name}", args=[workspace.uid]) for name in ("members", "log")]
    for row in (Campaign.objects.get(), Brief.objects.get()):
        urls.append(row.get_absolute_url())
    seen = ""
    for url in urls:
        answer = as_alice.get(url, follow=True)
        assert answer.status_code == 200, url
        html = answer.content.decode()
        assert BAD not in html and "<img src=x" not in html and f'href="{LINK}' not in html, url
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"], url
        seen += html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in seen and "KSampler: &lt;script&gt;" in seen


def test_markup_in_the_admin_is_letters_too(admin: Client, run: Run) -> None:
    for url in ("/admin/runs/run/", f"/admin/runs/run/{run.pk}/change/", "/admin/accounts/audit/"):
        html = admin.get(url).content.decode()
        assert BAD not in html and "<img src=x" not in html, url
