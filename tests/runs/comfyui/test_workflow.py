"""Workflows: parameters are named, values are filled in, and sizes stay within the budget."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.comfyui import (
    TEXT_TO_IMAGE,
    BadWorkflow,
    GraphBuilder,
    MissingParameter,
    NodeInfo,
    UnknownParameter,
    Workflow,
)
from runs.comfyui.graph import weights

from . import traces

VALUES: dict[str, Any] = {
    "checkpoint": "sd15.safetensors",
    "positive": "a red bicycle",
    "negative": "text",
    "width": 768,
    "height": 1344,
    "seed": 2**64 - 1,
}


def test_text_to_image_ends_in_a_preview_so_that_the_servers_disk_does_not_fill() -> None:
    assert TEXT_TO_IMAGE.graph[TEXT_TO_IMAGE.output_node]["class_type"] == "PreviewImage"


def test_text_to_image_has_its_nodes_wired_in_order() -> None:
    graph = TEXT_TO_IMAGE.bind(**VALUES)
    classes = [node["class_type"] for node in graph.values()]
    assert classes == [
        "CheckpointLoaderSimple",
        "CLIPTextEncode",
        "CLIPTextEncode",
        "EmptyLatentImage",
        "KSampler",
        "VAEDecode",
        "PreviewImage",
    ]
    assert graph["5"]["inputs"] == {
        "seed": 2**64 - 1,
        "steps": 20,
        "cfg": 6.5,
        "sampler_name": "dpmpp_2m",
        "scheduler": "karras",
        "denoise": 1.0,
        "model": ["1", 0],
        "positive": ["2", 0],
        "negative": ["3", 0],
        "latent_image": ["4", 0],
    }
    assert graph["6"]["inputs"] == {"samples": ["5", 0], "vae": ["1", 2]}
    assert (graph["2"]["inputs"]["text"], graph["3"]["inputs"]["text"]) == ("a red bicycle", "text")
    assert graph["4"]["inputs"] == {"width": 768, "height": 1344, "batch_size": 1}


def test_a_value_overrides_a_default_and_none_does_not() -> None:
    graph = TEXT_TO_IMAGE.bind(**VALUES, steps=4, cfg=None)
    assert (graph["5"]["inputs"]["steps"], graph["5"]["inputs"]["cfg"]) == (4, 6.5)


def test_binding_leaves_the_workflow_as_it_was() -> None:
    before = TEXT_TO_IMAGE.to_json()
    TEXT_TO_IMAGE.bind(**VALUES)["5"]["inputs"]["seed"] = 1
    assert TEXT_TO_IMAGE.to_json() == before


def test_an_unknown_parameter_is_named() -> None:
    with pytest.raises(UnknownParameter, match="lora") as caught:
        TEXT_TO_IMAGE.bind(**VALUES, lora="x")
    assert caught.value.parameter == "lora"


def test_a_missing_parameter_is_named() -> None:
    with pytest.raises(MissingParameter, match="seed") as caught:
        TEXT_TO_IMAGE.bind(**VALUES | {"seed": None})
    assert caught.value.parameter == "seed"


def test_a_workflow_survives_json() -> None:
    assert Workflow.from_json(TEXT_TO_IMAGE.to_json()) == TEXT_TO_IMAGE


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"bindings": {"seed": (("99", "seed"),)}, "defaults": {}}, "99.seed"),
        ({"bindings": {"seed": (("5", "noise_seed"),)}, "defaults": {}}, "5.noise_seed"),
        ({"output_node": "8"}, "8"),
        ({"defaults": {"lora": "x"}}, "lora"),
        ({"multiple": 0}, "0"),
        ({"pixels": 100}, "100"),
    ],
)
def test_a_workflow_that_does_not_hang_together_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(BadWorkflow, match=words):
        replace(TEXT_TO_IMAGE, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"graph": None},
        {"graph": {"1": {"class_type": "KSampler"}}},
        {"graph": {"1": "KSampler"}},
        {"version": "1"},
        {"bindings": {"seed": "5.seed"}},
        {"bindings": {"seed": [["5"]]}},
        {"output_node": 7},
    ],
)
def test_json_that_is_no_workflow_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadWorkflow):
        Workflow.from_json(TEXT_TO_IMAGE.to_json() | changes)
    with pytest.raises(BadWorkflow):
        Workflow.from_json([])


@pytest.mark.parametrize(
    ("aspect", "size"),
    [(1.0, (1024, 1024)), (4 / 5, (896, 1152)), (9 / 16, (768, 1344)), (1.91, (1344, 704))],
)
def test_the_shapes_have_sizes_the_models_know(aspect: float, size: tuple[int, int]) -> None:
    assert TEXT_TO_IMAGE.size_for(aspect) == size


def test_a_small_budget_for_a_slow_server_is_kept() -> None:
    assert TEXT_TO_IMAGE.size_for(1.0, pixels=65536) == (256, 256)
    assert TEXT_TO_IMAGE.size_for(9 / 16, pixels=65536) == (192, 320)


@given(st.floats(0.05, 20), st.integers(64 * 64, 4_194_304))
def test_a_size_is_in_multiples_and_within_the_budget(aspect: float, pixels: int) -> None:
    width, height = TEXT_TO_IMAGE.size_for(aspect, pixels)
    assert width % 64 == height % 64 == 0
    assert 0 < width * height <= pixels


@given(st.floats(0.5, 2), st.integers(500_000, 4_194_304))
def test_a_size_is_near_the_aspect_and_uses_most_of_the_budget(aspect: float, pixels: int) -> None:
    width, height = TEXT_TO_IMAGE.size_for(aspect, pixels)
    assert width / height == pytest.approx(aspect, rel=0.1)
    assert width * height > 0.7 * pixels


def test_a_budget_below_one_block_gives_one_block() -> None:
    assert TEXT_TO_IMAGE.size_for(3.0, pixels=10) == (64, 64)


def test_an_aspect_is_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        TEXT_TO_IMAGE.size_for(0)


def test_progress_knows_the_nodes_and_the_samplers_with_their_steps() -> None:
    measured = TEXT_TO_IMAGE.weights(TEXT_TO_IMAGE.bind(**VALUES, steps=4))
    assert (measured.nodes, measured.samplers, measured.steps) == (tuple("1234567"), {"5": 4}, 4)


def test_the_builder_counts_the_steps_of_all_samplers() -> None:
    build = GraphBuilder()
    model, clip, vae = build.load_checkpoint("a")
    words = build.encode_text(clip, "")
    latent = build.empty_latent(64, 64)
    for steps in (4, 3):
        how: dict[str, Any] = {"steps": steps, "cfg": 1.0, "sampler": "euler", "scheduler": "normal"}
        latent = build.sample(model, words, words, latent, seed=0, **how)
    build.preview_image(build.decode(latent, vae))
    assert build.sampling_steps == weights(build.nodes).steps == 7


@pytest.mark.parametrize(
    ("node", "steps"),
    [
        (
            {
                "class_type": "KSamplerAdvanced",
                "inputs": {"steps": 20, "start_at_step": 5, "end_at_step": 10000},
            },
            15,
        ),
        (
            {"class_type": "KSamplerAdvanced", "inputs": {"steps": 20, "start_at_step": 0, "end_at_step": 8}},
            8,
        ),
        ({"class_type": "KSamplerAdvanced", "inputs": {"steps": 20, "start_at_step": ["9", 0]}}, 20),
        ({"class_type": "SamplerCustomAdvanced", "inputs": {"sigmas": ["s", 0]}}, 12),
        ({"class_type": "KSamplerSelect", "inputs": {"sampler_name": "euler"}}, 0),
        ({"class_type": "KSampler", "inputs": {"steps": ["9", 0]}}, 0),
        ({"class_type": "BasicScheduler", "inputs": {"steps": 12}}, 0),
    ],
)
def test_a_sampler_is_known_by_its_steps(node: dict[str, Any], steps: int) -> None:
    graph = {"n": node, "s": {"class_type": "BasicScheduler", "inputs": {"steps": 12}}}
    assert weights(graph).samplers == ({"n": steps} if steps else {})


@pytest.mark.parametrize("version", traces.VERSIONS)
def test_d15_text_to_image_uses_only_nodes_and_inputs_that_both_versions_have(version: str) -> None:
    described = {name: NodeInfo.parse(body) for name, body in traces.object_info(version).items()}
    for node in TEXT_TO_IMAGE.bind(**VALUES).values():
        info = described[node["class_type"]]
        assert set(info.required) == set(node["inputs"])
        for name, value in node["inputs"].items():
            choices = info.choices(name)
            assert not choices or value in choices or name == "ckpt_name"
