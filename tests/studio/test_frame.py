"""What the frame of every page says about the studio as a whole, and where it leads."""

from django.test import Client
from django.urls import reverse

from runs.models import Run
from runs.states import ServerState
from studio.room import Room
from tests.conftest import make_server

TEST_MODE = "pictures come from the simulator"


def campaigns(client: Client) -> str:
    return client.get(reverse("studio:campaigns")).content.decode()


def test_the_studio_says_that_it_is_in_test_mode(as_alice: Client) -> None:
    make_server("Simulator", simulated=True)
    assert TEST_MODE in campaigns(as_alice)


def test_no_page_claims_test_mode_once_a_real_server_is_known(as_alice: Client, run: Run) -> None:
    make_server("Simulator", simulated=True)
    make_server(state=ServerState.DOWN, reason="gpu-1 does not answer.")
    html = as_alice.get(reverse("studio:run", args=[run.uid])).content.decode()
    assert TEST_MODE not in html + campaigns(as_alice)
    assert "No GPU server answers. gpu-1 does not answer." in html


def test_a_new_run_lists_only_the_servers_that_can_paint_it(run: Run) -> None:
    make_server("Simulator", simulated=True)
    assert [line.name for line in Room(run).servers] == ["Simulator"]
    make_server()
    assert [line.name for line in Room(run).servers] == ["gpu-1"]
