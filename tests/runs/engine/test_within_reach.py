"""A turn reads only the pictures that it may reach, and decides as if it had read them all."""

from random import Random

import pytest
from django.db.models import F

from accounts.models import Workspace
from runs import lifecycle
from runs.engine import scheduler
from runs.models import Generation, Server, WorkspacePolicy
from runs.states import ServerState, Status
from tests.conftest import begin, brief, make_server

pytestmark = pytest.mark.django_db


def furnish(dice: Random) -> None:
    """Some workspaces with some pictures that wait and some under way elsewhere; some have limits."""
    away = make_server("away", state=ServerState.DOWN, seats=99)
    for n in range(dice.randint(1, 4)):
        workspace = Workspace.objects.create(name=f"Workspace {n}")
        if dice.random() < 0.3:
            WorkspacePolicy.objects.create(workspace=workspace, most_running=dice.randint(1, 4))
        for _ in range(dice.randint(1, 2)):
            looks = [{"name": f"Look {n}", "words": "on a podium"} for n in range(dice.randint(1, 4))]
            run = lifecycle.start(workspace, None, brief(looks=looks))
            for generation in run.generations.all()[: dice.randint(0, 3)]:
                begin(generation, away)
    if dice.random() < 0.4:
        some = Generation.objects.filter(pk__in=[pk for pk in range(1, 60) if dice.random() < 0.3])
        some.update(priority=F("priority") + 1)


def all_in_fair_order() -> list[int]:
    turn = scheduler._look(list(Server.objects.filter(name="gpu-1")))
    waiting = Generation.objects.filter(status=Status.WAITING).order_by("-priority", "pk")
    return [row.pk for row in scheduler._fair(list(waiting), turn)]


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(40))
def test_who_gets_a_seat_is_who_would_if_all_had_been_read(seed: int) -> None:
    dice = Random(seed)
    furnish(dice)
    server = make_server("gpu-1", seats=dice.randint(1, 9))
    wanted = all_in_fair_order()[: server.seats]
    scheduler.assign()
    given = Generation.objects.filter(server=server, status=Status.CLAIMED)
    assert sorted(given.values_list("pk", flat=True)) == sorted(wanted)
