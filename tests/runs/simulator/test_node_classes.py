"""What /object_info says, and that every class in it also works (D16, D42 to D46)."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from runs.comfyui.protocol import choices_of
from runs.simulator.behaviours import BEHAVIOURS

from .conftest import Meet
from .speaking import Talk, graph, node

NEWER_KEYS = {"is_input_list", "has_intermediate_output", "search_aliases"}


async def test_one_class_can_be_asked_for_and_an_unknown_one_is_empty(talk: Talk) -> None:
    assert list(await talk.get("/object_info/KSampler")) == ["KSampler"]
    assert await talk.get("/object_info/NoSuchNode") == {}


async def test_every_class_has_a_behaviour_and_every_behaviour_a_class(talk: Talk) -> None:
    known = set(await talk.get("/object_info"))
    assert known <= BEHAVIOURS.keys()
    if talk.newer:
        assert known == BEHAVIOURS.keys()


async def test_the_newer_server_says_more_of_every_class(talk: Talk) -> None:
    for entry in (await talk.get("/object_info")).values():
        assert (entry.keys() >= NEWER_KEYS) == talk.newer


async def test_choices_come_in_both_forms_from_the_newer_server(talk: Talk) -> None:
    info = await talk.get("/object_info")
    old = info["KSampler"]["input"]["required"]["sampler_name"]
    new = info["KSamplerSelect"]["input"]["required"]["sampler_name"]
    assert isinstance(old[0], list)
    assert (new[0] == "COMBO") == talk.newer
    assert "euler" in choices_of(old)
    assert "euler" in choices_of(new)


async def test_a_seed_may_be_larger_than_javascript_can_count(talk: Talk) -> None:
    seed = (await talk.get("/object_info/KSampler"))["KSampler"]["input"]["required"]["seed"]
    assert seed[1]["max"] == 2**64 - 1
    assert (await talk.run(graph(seed=2**64 - 1)))["status"]["completed"]


async def test_the_models_are_those_that_were_given(meet: Meet) -> None:
    talk = await meet(checkpoints=["b.safetensors", "a.safetensors"], models={"loras": ["shine.safetensors"]})
    info = await talk.get("/object_info")
    assert info["CheckpointLoaderSimple"]["input"]["required"]["ckpt_name"][0] == [
        "a.safetensors",
        "b.safetensors",
    ]
    assert info["LoraLoader"]["input"]["required"]["lora_name"][0] == ["shine.safetensors"]
    assert await talk.get("/models/loras") == ["shine.safetensors"]


@pytest.mark.parametrize("kind", ["SaveImage", "PreviewImage"])
async def test_only_the_newer_outputs_can_be_chained(talk: Talk, kind: str) -> None:
    entry = (await talk.get(f"/object_info/{kind}"))[kind]
    assert entry["output"] == (["IMAGE"] if talk.newer else [])


async def size_of(talk: Talk, nodes: dict[str, Any]) -> tuple[int, int]:
    entry = await talk.run(nodes)
    assert entry["status"]["completed"], entry["status"]["messages"][-1]
    return Image.open(BytesIO(await talk.picture(entry, "out"))).size


def after(kind: str, **inputs: Any) -> dict[str, Any]:
    """A picture of 64 × 32 that goes through a node of that class."""
    return {
        "image": node("EmptyImage", width=64, height=32, batch_size=1, color=255),
        "change": node(kind, **inputs),
        "out": node("PreviewImage", images=["change", 0]),
    }


IMAGE = ["image", 0]
CHANGES: list[tuple[str, dict[str, Any], tuple[int, int]]] = [
    (
        "ImageScale",
        {"image": IMAGE, "upscale_method": "area", "width": 20, "height": 30, "crop": "center"},
        (20, 30),
    ),
    (
        "ImageScale",
        {"image": IMAGE, "upscale_method": "area", "width": 0, "height": 16, "crop": "disabled"},
        (32, 16),
    ),
    ("ImageScaleBy", {"image": IMAGE, "upscale_method": "area", "scale_by": 2.0}, (128, 64)),
    ("ImageInvert", {"image": IMAGE}, (64, 32)),
    ("ImageFlip", {"image": IMAGE, "flip_method": "x-axis: vertically"}, (64, 32)),
    ("ImageCrop", {"image": IMAGE, "width": 10, "height": 12, "x": 3, "y": 4}, (10, 12)),
    ("ImageBatch", {"image1": IMAGE, "image2": IMAGE}, (64, 32)),
]


@pytest.mark.parametrize(("kind", "inputs", "size"), CHANGES)
async def test_a_picture_is_changed(
    talk: Talk, kind: str, inputs: dict[str, Any], size: tuple[int, int]
) -> None:
    assert await size_of(talk, after(kind, **inputs)) == size


NEWER_CHANGES: list[tuple[str, dict[str, Any], tuple[int, int]]] = [
    ("ResizeImageMaskNode", {"input": IMAGE, "resize_type": "scale by multiplier", "resize_type.multiplier": 0.5,
                             "scale_method": "area"}, (32, 16)),
    ("ResizeImageMaskNode", {"input": IMAGE, "resize_type": "scale dimensions", "resize_type.width": 10,
                             "resize_type.height": 10, "resize_type.crop": "center", "scale_method": "area"}, (10, 10)),
    ("BatchImagesNode", {"images.image0": IMAGE, "images.image1": IMAGE}, (64, 32)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "inputs", "size"), NEWER_CHANGES)
async def test_dynamic_inputs_are_dotted_keys(
    newer: Talk, kind: str, inputs: dict[str, Any], size: tuple[int, int]
) -> None:
    assert await size_of(newer, after(kind, **inputs)) == size


async def test_batches_are_saved_picture_by_picture(talk: Talk) -> None:
    nodes = graph()
    nodes["5"]["inputs"]["batch_size"] = 2
    images = (await talk.run(nodes))["outputs"]["9"]["images"]
    assert [image["filename"] for image in images] == ["t2i_00001_.png", "t2i_00002_.png"]


async def test_the_newer_samplers_paint_the_same_picture(talk: Talk) -> None:
    plain = await talk.run(graph(seed=7))
    nodes = graph() | {
        "noise": node("RandomNoise", noise_seed=7),
        "guider": node("CFGGuider", model=["4", 0], positive=["6", 0], negative=["7", 0], cfg=4.0),
        "sampler": node("KSamplerSelect", sampler_name="euler"),
        "sigmas": node("BasicScheduler", model=["4", 0], scheduler="normal", steps=2, denoise=1.0),
        "3": node("SamplerCustomAdvanced", noise=["noise", 0], guider=["guider", 0], sampler=["sampler", 0],
                  sigmas=["sigmas", 0], latent_image=["5", 0]),
    }  # fmt: skip
    custom = await talk.run(nodes)
    pixels = [Image.open(BytesIO(await talk.picture(entry))).tobytes() for entry in (plain, custom)]
    assert pixels[0] == pixels[1]


async def test_an_advanced_sampler_takes_only_its_own_steps(talk: Talk) -> None:
    ear = await talk.listen()
    plain = graph(steps=10)["3"]["inputs"]
    own = {"add_noise": "enable", "noise_seed": 1, "start_at_step": 4, "end_at_step": 7}
    rest = {name: value for name, value in plain.items() if name not in ("seed", "denoise")}
    sampler = node("KSamplerAdvanced", return_with_leftover_noise="disable", **own, **rest)
    await ear.end_of(await talk.submit(graph() | {"3": sampler}, ear.sid))
    assert [message["data"]["max"] for message in ear.messages("progress")] == [3, 3, 3]


async def test_a_picture_can_be_painted_over_another(talk: Talk) -> None:
    """denoise 0.5 stays half way between the picture it began from and a new one."""
    nodes = graph() | {
        "image": node("EmptyImage", width=64, height=64, batch_size=1, color=0x00FF00),
        "5": node("VAEEncode", pixels=["image", 0], vae=["4", 2]),
    }
    greens = []
    for denoise in (0.5, 1.0):
        nodes["3"]["inputs"]["denoise"] = denoise
        picture = Image.open(BytesIO(await talk.picture(await talk.run(nodes)))).resize((1, 1))
        red, green, blue = picture.tobytes()
        greens.append(green - max(red, blue))
    assert greens[0] > greens[1] + 50


async def test_the_first_use_of_a_model_is_loaded_and_free_unloads_it(meet: Meet) -> None:
    talk = await meet()
    await talk.run(graph())
    assert talk.simulator.machine.loaded == {"simulated-studio.safetensors"}
    await talk.http.post("/free", json={"unload_models": True})
    assert talk.simulator.machine.loaded == set()
