"""What is known to be wrong is told before anything is made, at its field and with what to do."""

from collections.abc import Mapping

import pytest
from pytest_django import Settings

from accounts.models import Workspace
from runs import preflight
from runs.brief import BriefSpec
from runs.errors import BriefRefused
from runs.models import Asset
from runs.states import ServerState
from tests.conftest import brief, make_server

WANTED = {"checkpoint": "dream.safetensors"}


def faults(spec: BriefSpec, workspace: Workspace) -> Mapping[str, str]:
    try:
        preflight.check(spec, workspace)
    except BriefRefused as refusal:
        return {fault.field: fault.words for fault in refusal.faults}
    return {}


def test_a_model_that_a_server_has_passes(workspace: Workspace) -> None:
    make_server("gpu-1", checkpoints=["base.safetensors"])
    make_server("gpu-2", checkpoints=["dream.safetensors"])
    assert faults(brief(picture=WANTED), workspace) == {}


def test_a_model_that_no_server_has_is_refused_with_those_there_are(workspace: Workspace) -> None:
    make_server("gpu-1", checkpoints=["base.safetensors", "turbo.safetensors"])
    make_server("gpu-2", checkpoints=["base.safetensors"])
    assert faults(brief(picture=WANTED), workspace) == {
        "picture.checkpoint": (
            "The model “dream.safetensors” is not on any GPU server. "
            "Choose one of: base.safetensors, turbo.safetensors."
        )
    }


def test_the_configured_model_that_no_server_has_is_refused_too(
    workspace: Workspace, settings: Settings
) -> None:
    settings.COMFYUI_CHECKPOINT = "dream.safetensors"
    make_server()
    assert "“dream.safetensors”" in faults(brief(), workspace)["picture.checkpoint"]
    make_server("Simulator", simulated=True)
    settings.TEST_MODE = "on"  # the simulator paints with whatever it has
    assert faults(brief(), workspace) == {}


@pytest.mark.parametrize("facts", [{"enabled": False}, {"state": ServerState.DOWN}])
def test_a_server_that_cannot_work_now_does_not_count(workspace: Workspace, facts: dict[str, object]) -> None:
    make_server("gpu-1", checkpoints=["dream.safetensors"], **facts)
    make_server("gpu-2", checkpoints=["base.safetensors"])
    assert list(faults(brief(picture=WANTED), workspace)) == ["picture.checkpoint"]


@pytest.mark.parametrize("state", [ServerState.DOWN, ServerState.UNKNOWN])
def test_while_nobody_answers_nothing_is_refused(workspace: Workspace, state: ServerState) -> None:
    make_server(state=state)
    assert faults(brief(picture=WANTED), workspace) == {}


def test_a_brief_that_names_no_model_passes(workspace: Workspace) -> None:
    make_server(checkpoints=[])
    assert faults(brief(), workspace) == {}


def test_all_faults_are_told_at_once(workspace: Workspace) -> None:
    make_server()
    told = faults(brief(picture=WANTED, brand={"logo": "w/1/assets/2.png"}), workspace)
    assert list(told) == ["picture.checkpoint", "brand.logo"]


def test_a_logo_of_the_workspace_passes_and_another_ones_does_not(workspace: Workspace) -> None:
    facts = {"kind": "logo", "sha256": "", "width": 1, "height": 1, "bytes": 4}
    Asset.objects.create(workspace=workspace, key="w/1/assets/2.png", **facts)
    other = Workspace.objects.create(name="Elsewhere")
    spec = brief(brand={"logo": "w/1/assets/2.png"})
    assert faults(spec, workspace) == {}
    assert list(faults(spec, other)) == ["brand.logo"]


def test_a_product_picture_of_another_workspace_is_refused_at_its_product(workspace: Workspace) -> None:
    facts = {"kind": "cutout", "sha256": "", "width": 1, "height": 1, "bytes": 4}
    Asset.objects.create(workspace=workspace, key="w/1/assets/3.png", **facts)
    other = Workspace.objects.create(name="Elsewhere")
    spec = brief(products=[{"name": "Can"}, {"name": "Cup", "cutout": "w/1/assets/3.png"}])
    assert faults(spec, workspace) == {}
    assert list(faults(spec, other)) == ["products.1.cutout"]


def test_the_models_of_the_simulator_are_none_of_a_real_servers(workspace: Workspace) -> None:
    make_server("Simulator", simulated=True, checkpoints=["dream.safetensors"])
    make_server("gpu-1", checkpoints=["base.safetensors"])
    told = faults(brief(picture=WANTED), workspace)["picture.checkpoint"]
    assert told.endswith("Choose one of: base.safetensors.")
