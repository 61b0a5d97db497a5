"""Uploaded files: checked, re-encoded without metadata, stored under an id of our own."""

import re
import uuid
from pathlib import Path

from accounts.models import Workspace
from runs import storage
from runs.brief import BriefSpec
from runs.composition import CleanPicture, Cutout, Ground, clean_font, clean_logo, clean_picture, cut_out
from runs.models import Asset

LOGO, CUTOUT, FONT = "logo", "cutout", "font"
MAX_BYTES = 10 * 1024 * 1024


def store(workspace: Workspace, kind: str, data: bytes) -> Asset:
    """Keep an uploaded picture; raises BadPicture where it is none, with what to do."""
    return _keep(workspace, kind, clean_picture(data))


def store_logo(workspace: Workspace, data: bytes) -> Asset:
    """Keep a logo as PNG, an SVG drawn; raises BadPicture where it is none, with what to do."""
    return _keep(workspace, LOGO, clean_logo(data))


def store_font(workspace: Workspace, data: bytes) -> Asset:
    """Keep a brand's typeface, sanitised; raises BadFont where it may not or cannot be used, with what to do."""
    clean = clean_font(data)
    uid = uuid.uuid4()
    key = storage.asset_key(workspace.uid, uid, "font")
    facts = {"uid": uid, "workspace": workspace, "kind": FONT, "key": key, "bytes": len(clean.data)}
    return Asset.objects.create(**facts, sha256=storage.put(key, clean.data), width=0, height=0)


def store_cutout(workspace: Workspace, data: bytes) -> tuple[Asset, Ground]:
    """Keep the product of an uploaded picture, and how it was told from its ground.

    Raises BadPicture or BadCutout, with what to do.
    """
    found = cut_out(data)
    return _keep(workspace, CUTOUT, found), found.ground


def uid_of(key: str) -> str:
    """The id of the upload with that key; empty where it is the key of none."""
    found = re.fullmatch(r"w/[0-9a-f-]{36}/assets/([0-9a-f-]{36})\.png", key)
    return found[1] if found else ""


def with_files(spec: BriefSpec, folder: Path, workspace: Workspace) -> BriefSpec:
    """A brief that names pictures beside its file, with those uploaded into the workspace.

    Raises OSError, BadPicture, BadFont or BadCutout.
    """
    brand, products = spec.brand, []
    if brand.logo:
        key = store_logo(workspace, (folder / brand.logo).read_bytes()).key
        brand = brand.model_copy(update={"logo": key})
    if brand.font:
        key = store_font(workspace, (folder / brand.font).read_bytes()).key
        brand = brand.model_copy(update={"font": key})
    for product in spec.products:
        if product.cutout:
            asset, _ground = store_cutout(workspace, (folder / product.cutout).read_bytes())
            product = product.model_copy(update={"cutout": asset.key})
        products.append(product)
    return spec.model_copy(update={"brand": brand, "products": tuple(products)})


def _keep(workspace: Workspace, kind: str, clean: CleanPicture | Cutout) -> Asset:
    uid = uuid.uuid4()
    key = storage.asset_key(workspace.uid, uid)
    sha256 = storage.put(key, clean.data)
    return Asset.objects.create(
        uid=uid,
        workspace=workspace,
        kind=kind,
        key=key,
        sha256=sha256,
        width=clean.width,
        height=clean.height,
        bytes=len(clean.data),
    )
