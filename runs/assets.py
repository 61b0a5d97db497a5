"""Uploaded files: checked, re-encoded without metadata, stored under an id of our own."""

import uuid

from accounts.models import Workspace
from runs import storage
from runs.composition import clean_picture
from runs.models import Asset

MAX_BYTES = 10 * 1024 * 1024


def store(workspace: Workspace, kind: str, data: bytes) -> Asset:
    """Keep an uploaded picture; raises BadPicture where it is none, with what to do."""
    clean = clean_picture(data)
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
