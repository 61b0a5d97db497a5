"""What each node class does. Called by the executor, node by node."""

from __future__ import annotations

import io
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from .files import OutsideFolder
from .work import UP, Desk, Guider, Latent, Node, NodeFailed, Painting, Pictures, Result

type Behaviour = Callable[[Node], Result | Awaitable[Result]]


async def _load_checkpoint(node: Node) -> Result:
    await node.desk.load(node["ckpt_name"])
    return Result(("model", "clip", "vae"))


async def _load_one(node: Node) -> Result:
    name = next(value for key, value in node.values.items() if key.endswith("_name"))
    await node.desk.load(name)
    return Result((name,))


def _pass(*names: str) -> Behaviour:
    return lambda node: Result(tuple(node[name] for name in names))


def _encode_text(node: Node) -> Result:
    return Result((node["text"],))


def _combine(node: Node) -> Result:
    return Result((f"{node['conditioning_1']}, {node['conditioning_2']}",))


def _empty_latent(node: Node) -> Result:
    return Result((Latent(node["width"], node["height"], node["batch_size"]),))


def _resize_latent(node: Node) -> Result:
    latent: Latent = node["samples"]
    if "scale_by" in node.values:
        scale = node["scale_by"]
        return Result(
            (replace(latent, width=round(latent.width * scale), height=round(latent.height * scale)),)
        )
    return Result(
        (replace(latent, width=node["width"] or latent.width, height=node["height"] or latent.height),)
    )


async def _sample(node: Node) -> Result:
    seed = node.values.get("seed", node.values.get("noise_seed", 0))
    first, last = (
        node.values.get("start_at_step", 0),
        min(node.values.get("end_at_step", 10_000), node["steps"]),
    )
    steps, denoise = max(0, last - first), node.values.get("denoise", 1 - first / node["steps"])
    job = Painting(node["positive"], node["negative"], seed, node["latent_image"], steps, denoise)
    return Result((replace(job.latent, pictures=await node.desk.sample(job)),))


async def _sample_advanced(node: Node) -> Result:
    guider: Guider = node["guider"]
    steps, denoise = node["sigmas"]
    job = Painting(guider.positive, guider.negative, node["noise"], node["latent_image"], steps, denoise)
    latent = replace(job.latent, pictures=await node.desk.sample(job))
    return Result((latent, latent))


def _schedule(node: Node) -> Result:
    return Result(((max(1, round(node["steps"] * node["denoise"])), node["denoise"]),))


async def _decode(node: Node) -> Result:
    latent: Latent = node["samples"]
    if latent.pictures is not None:
        return Result((latent.pictures,))
    grey = Image.new("RGB", (latent.width, latent.height), (124, 124, 124))
    return Result(((grey,) * latent.batch,))


def _encode_picture(node: Node) -> Result:
    pictures: Pictures = node["pixels"]
    width, height = (side // UP * UP for side in pictures[0].size)
    return Result((Latent(width, height, len(pictures), pictures),))


def _load_image(node: Node) -> Result:
    file = node.desk.files.annotated(node["image"])
    if file is None:
        raise NodeFailed(f"[Errno 2] No such file or directory: '{node['image']}'", "FileNotFoundError")
    try:
        picture = Image.open(io.BytesIO(file.data))
        mask = ImageOps.invert(picture.convert("RGBA").getchannel("A"))
        return Result(((picture.convert("RGB"),), (mask,)))
    except OSError as error:
        words = f"cannot identify image file '{file.name}'"
        raise NodeFailed(words, "PIL.UnidentifiedImageError") from error


def _each(change: Callable[[Image.Image, Node], Image.Image], name: str = "image") -> Behaviour:
    async def behave(node: Node) -> Result:
        return Result(
            (await node.desk.aside(lambda: tuple(change(picture, node) for picture in node[name])),)
        )

    return behave


def _scale(picture: Image.Image, node: Node) -> Image.Image:
    width, height = node["width"], node["height"]
    if not width and not height:
        return picture
    width = width or max(1, round(picture.width * height / picture.height))
    height = height or max(1, round(picture.height * width / picture.width))
    if node["crop"] == "center":
        return ImageOps.fit(picture, (width, height))
    return picture.resize((width, height))


def _scale_by(picture: Image.Image, node: Node) -> Image.Image:
    return ImageOps.scale(picture, node["scale_by"])


def _scale_to_total(picture: Image.Image, node: Node) -> Image.Image:
    scale = (node["megapixels"] * 1024 * 1024 / (picture.width * picture.height)) ** 0.5
    return ImageOps.scale(picture, scale)


def _flip(picture: Image.Image, node: Node) -> Image.Image:
    return ImageOps.flip(picture) if node["flip_method"].startswith("x") else ImageOps.mirror(picture)


def _crop(picture: Image.Image, node: Node) -> Image.Image:
    return picture.crop((node["x"], node["y"], node["x"] + node["width"], node["y"] + node["height"]))


async def _crop_region(node: Node) -> Result:
    box = node["crop_region"]
    edges = (box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"])
    pictures = tuple(picture.crop(edges) for picture in node["image"])
    shown = await _store(node, pictures, "temp", node.desk.files.temp_prefix(node.id))
    return Result((pictures,), {**shown, "animated": [False]})


async def _resize_dynamic(node: Node) -> Result:
    choice = node["resize_type"]
    measures = {
        key.partition(".")[2]: value for key, value in node.values.items() if key.startswith("resize_type.")
    }
    if not measures:
        raise NodeFailed(f"Unsupported resize type: {choice}", "ValueError")
    return Result((tuple(_resized(picture, measures) for picture in node["input"]),))


def _resized(picture: Image.Image, measures: Mapping[str, Any]) -> Image.Image:
    if "multiplier" in measures:
        return ImageOps.scale(picture, measures["multiplier"])
    if "longer_size" in measures:
        return ImageOps.scale(picture, measures["longer_size"] / max(picture.size))
    if "shorter_size" in measures:
        return ImageOps.scale(picture, measures["shorter_size"] / min(picture.size))
    width, height = measures.get("width") or picture.width, measures.get("height") or picture.height
    fit = measures.get("crop") == "center"
    return ImageOps.fit(picture, (width, height)) if fit else picture.resize((width, height))


def _batch(node: Node) -> Result:
    names = sorted(node.values, key=lambda name: (len(name), name))
    return Result((tuple(picture for name in names for picture in node[name]),))


def _empty_image(node: Node) -> Result:
    colour = node["color"]
    rgb = (colour >> 16 & 255, colour >> 8 & 255, colour & 255)
    return Result(((Image.new("RGB", (node["width"], node["height"]), rgb),) * node["batch_size"],))


async def _save(node: Node) -> Result:
    shown = await _store(node, node["images"], "output", node["filename_prefix"])
    return Result((node["images"],) if node.newer else (), shown)


async def _preview(node: Node) -> Result:
    shown = await _store(node, node["images"], "temp", node.desk.files.temp_prefix(node.id))
    return Result((node["images"],) if node.newer else (), shown)


async def _store(node: Node, pictures: Pictures, folder: str, prefix: str) -> dict[str, Any]:
    try:
        subfolder, names = node.desk.files.next_names(folder, prefix, len(pictures))
    except OutsideFolder as error:
        raise NodeFailed("Saving image outside the output folder is not allowed.", "Exception") from error
    notes = _notes(node.desk)
    for name, picture in zip(names, pictures, strict=True):
        data = await node.desk.aside(partial(_png, picture, notes))
        node.desk.files.put(folder, subfolder, name, data)
    return {"images": [{"filename": name, "subfolder": subfolder, "type": folder} for name in names]}


def _notes(desk: Desk) -> PngInfo:
    """The text chunks of a saved picture: the whole graph, and whatever came as extra_pnginfo (fact 43)."""
    notes = PngInfo()
    notes.add_text("prompt", json.dumps(desk.graph))
    extra = desk.extra_data.get("extra_pnginfo") if isinstance(desk.extra_data, dict) else None
    for key, value in (extra or {}).items():
        notes.add_text(key, json.dumps(value))
    return notes


def _png(picture: Image.Image, notes: PngInfo) -> bytes:
    raw = io.BytesIO()
    picture.save(raw, "PNG", pnginfo=notes, compress_level=1)
    return raw.getvalue()


async def _save_to_socket(node: Node) -> Result:
    await node.desk.show(node["images"])
    return Result()


def _preview_text(node: Node) -> Result:
    source = node["source"]
    text = source if isinstance(source, str) else json.dumps(source, default=str)
    return Result((text,) if node.newer else (), {"text": (text,)})


BEHAVIOURS: dict[str, Behaviour] = {
    "CheckpointLoaderSimple": _load_checkpoint,
    "VAELoader": _load_one,
    "UNETLoader": _load_one,
    "CLIPLoader": _load_one,
    "DualCLIPLoader": _load_one,
    "LoraLoader": _pass("model", "clip"),
    "LoraLoaderModelOnly": _pass("model"),
    "ModelSamplingSD3": _pass("model"),
    "CLIPSetLastLayer": _pass("clip"),
    "CLIPTextEncode": _encode_text,
    "ConditioningCombine": _combine,
    "ConditioningAverage": _pass("conditioning_to"),
    "ConditioningZeroOut": lambda node: Result(("",)),
    "FluxGuidance": _pass("conditioning"),
    "EmptyLatentImage": _empty_latent,
    "EmptySD3LatentImage": _empty_latent,
    "LatentUpscale": _resize_latent,
    "LatentUpscaleBy": _resize_latent,
    "SetLatentNoiseMask": _pass("samples"),
    "KSampler": _sample,
    "KSamplerAdvanced": _sample,
    "SamplerCustomAdvanced": _sample_advanced,
    "RandomNoise": _pass("noise_seed"),
    "BasicGuider": lambda node: Result((Guider(node["conditioning"]),)),
    "CFGGuider": lambda node: Result((Guider(node["positive"], node["negative"]),)),
    "KSamplerSelect": _pass("sampler_name"),
    "BasicScheduler": _schedule,
    "VAEDecode": _decode,
    "VAEDecodeTiled": _decode,
    "VAEEncode": _encode_picture,
    "VAEEncodeForInpaint": _encode_picture,
    "LoadImage": _load_image,
    "ImageScale": _each(_scale),
    "ImageScaleBy": _each(_scale_by),
    "ImageScaleToTotalPixels": _each(_scale_to_total),
    "ImageInvert": _each(lambda picture, node: ImageOps.invert(picture)),
    "ImageFlip": _each(_flip),
    "ImageCrop": _each(_crop),
    "ImageCropV2": _crop_region,
    "ImageBatch": _batch,
    "BatchImagesNode": _batch,
    "ResizeImageMaskNode": _resize_dynamic,
    "EmptyImage": _empty_image,
    "SaveImage": _save,
    "PreviewImage": _preview,
    "SaveImageWebsocket": _save_to_socket,
    "PreviewAny": _preview_text,
}
