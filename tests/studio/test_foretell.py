"""How long a brief would take is foretold from the servers that would paint it, and from what waits before it."""

from datetime import timedelta

from django.core.cache import cache
from django.utils import timezone

from accounts.models import User, Workspace
from runs import lifecycle, pausing
from runs.brief import estimate
from runs.models import Server
from studio import foretell
from tests.conftest import brief, finish, make_server


def paint(place: Workspace, by: User, server: Server, seconds: int) -> None:
    """Two pictures there, that long each."""
    run = finish(lifecycle.start(place, by, brief()), server)
    now = timezone.now()
    run.generations.update(rendered_at=now, rendering_at=now - timedelta(seconds=seconds))


def test_what_the_simulator_took_does_not_foretell_real_pictures(workspace: Workspace, alice: User) -> None:
    simulator = make_server("Simulator", simulated=True)
    paint(workspace, alice, simulator, 30)
    about = estimate(brief())
    assert foretell.duration(workspace, about) == "about 2 min"  # the simulator would paint it
    cache.clear()
    gpu = make_server("gpu-1")
    assert foretell.duration(workspace, about) == ""  # nobody knows yet how quick that is
    cache.clear()
    paint(workspace, alice, gpu, 80)
    assert foretell.duration(workspace, about) == "about 3 min"


def test_pictures_of_a_run_that_rests_are_not_waited_for(workspace: Workspace, alice: User) -> None:
    paint(workspace, alice, make_server("gpu-1"), 40)
    run = lifecycle.start(workspace, alice, brief())
    pausing.pause(run, actor="alice")
    about = estimate(brief())
    assert foretell.duration(workspace, about) == "about 2 min"
    cache.clear()
    pausing.go_on(run)
    assert foretell.duration(workspace, about) == "about 3 min"
