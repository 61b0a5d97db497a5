"""A list of eight asks the database as often as a list of two."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import members
from accounts.audit import note
from accounts.models import Membership, Role, User, Workspace
from runs import export, lifecycle, shelf
from runs.models import Run
from studio import deleting, kits
from studio.models import Brief, Campaign
from tests.conftest import brief, finish

type More = Callable[[Workspace, User, int], None]


def campaigns(place: Workspace, owner: User, n: int) -> None:
    """Each with a brief that has a finished run."""
    campaign = Campaign.objects.create(workspace=place, name=f"Campaign {n}", created_by=owner)
    spec = brief()
    written = Brief.objects.create(
        workspace=place, campaign=campaign, name="One", spec=spec.model_dump(mode="json")
    )
    run = lifecycle.start(place, owner, spec, origin=written.uid)
    shelf.label(run, group=campaign.uid, name=campaign.name)
    finish(run)


def exports(place: Workspace, owner: User, n: int) -> None:
    run = Run.objects.filter(workspace=place).first() or finish(lifecycle.start(place, owner, brief()))
    export.record(export.of_run(run), owner)


def people(place: Workspace, owner: User, n: int) -> None:
    user = User.objects.create_user(f"member{n}@example.com", first_name=f"Member {n}")
    Membership.objects.create(workspace=place, user=user, role=Role.EDITOR)
    members.invite(place, owner, Role.VIEWER, f"invited{n}@example.com")


def lines(place: Workspace, owner: User, n: int) -> None:
    note(place, owner, "run.start", f"Run {n}")


def brand_kits(place: Workspace, owner: User, n: int) -> None:
    kits.make(place, f"Kit {n}")


def gone(place: Workspace, owner: User, n: int) -> None:
    campaign = Campaign.objects.create(workspace=place, name=f"Old {n}", created_by=owner)
    deleting.delete(campaign, owner)


def workspaces(place: Workspace, owner: User, n: int) -> None:
    other = Workspace.objects.create(name=f"Workspace {n}")
    Membership.objects.create(workspace=other, user=owner, role=Role.EDITOR)


PAGES: list[tuple[More, list[str]]] = [
    (campaigns, ["/", "/campaigns/", "/runs/", "/library/?q=slow&days=30", "/library/?kind=pictures"]),
    (exports, ["/exports/"]),
    (brand_kits, ["/brand-kits/"]),
    (people, ["/workspaces/{place}/members/"]),
    (lines, ["/workspaces/{place}/log/"]),
    (gone, ["/deleted/"]),
    (workspaces, ["/accounts/"]),
]
MOST = 32


@pytest.mark.parametrize(("more", "paths"), PAGES, ids=[more.__name__ for more, _ in PAGES])
def test_a_longer_list_asks_no_more(
    as_alice: Client, alice: User, workspace: Workspace, more: More, paths: list[str]
) -> None:
    before: dict[str, list[str]] = {}
    for numbers in (range(2), range(2, 8)):
        for n in numbers:
            more(workspace, alice, n)
        for path in paths:
            asked = queries_of(as_alice, path.format(place=workspace.uid))
            few = before.setdefault(path, asked)
            assert len(few) == len(asked) <= MOST, "\n".join(sql for sql in asked if sql not in few)


def queries_of(client: Client, url: str) -> list[str]:
    client.get(url)  # what is read once and kept is not counted
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in queries]
