"""Files for people and programs: pictures, ads and the ZIP of a run. What is not yours is not there."""

import asyncio
import json
import logging
import tempfile
import zipfile
from collections.abc import AsyncIterator
from typing import IO, Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from accounts.tokens import bearer_of
from runs import previews, storage
from runs.composition import thumbnail
from runs.manifest import manifest
from runs.models import Creative, Generation, Picture, Run

log = logging.getLogger(__name__)

SMALL = 640  # pixels on the long side of what a page shows
CHUNK = 256 * 1024
FOREVER = "private, max-age=31536000, immutable"  # a key never changes its bytes


def _mine(request: HttpRequest, model: Any) -> Any:
    """The rows of this model that the caller may see, by session or by token."""
    token = bearer_of(request)
    if token is not None:
        return model.objects.filter(workspace=token.workspace)
    return model.objects.for_member(request.user)


def _find(request: HttpRequest, model: Any, uid: UUID) -> Any:
    row = _mine(request, model).filter(uid=uid).first()
    if row is None:
        raise Http404
    return row


@require_safe
def media(request: HttpRequest, kind: str, uid: UUID) -> HttpResponseBase:
    """One picture or ad; `?size=small` for pages, `?download=1` to save it under its own name."""
    row = _find(request, {"picture": Picture, "ad": Creative}[kind], uid)
    if not row.key:
        raise Http404
    small = request.GET.get("size") == "small"
    if storage.is_remote() and not small:
        return redirect(storage.url(row.key))
    try:
        answer = _file(_small(row.key), "image/webp") if small else _file(storage.get(row.key), _mime(row))
    except FileNotFoundError:
        log.error("The file of %s %s is gone: %s", kind, uid, row.key)
        raise Http404 from None
    if request.GET.get("download"):
        name = row.file_name if kind == "ad" else f"picture-{row.uid}.png"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _mime(row: Picture | Creative) -> str:
    return row.mime if isinstance(row, Creative) else "image/png"


def _file(data: bytes, mime: str) -> HttpResponse:
    return HttpResponse(data, content_type=mime, headers={"Cache-Control": FOREVER})


def _small(key: str) -> bytes:
    """The thumbnail, made when it is first asked for and kept beside its original."""
    small = storage.small_key(key)
    found = storage.get_if_there(small)
    if found is None:
        found = thumbnail(storage.get(key), SMALL)
        storage.put(small, found)
    return found


@require_safe
def preview(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The latest latent preview of a picture that is being painted."""
    generation = _find(request, Generation, uid)
    image = previews.get(generation.uid)
    if image is None:
        raise Http404
    mime = "image/png" if image.startswith(b"\x89PNG") else "image/jpeg"
    return HttpResponse(image, content_type=mime, headers={"Cache-Control": "no-store"})


def archive(run: Run) -> StreamingHttpResponse:
    """A ZIP of every ad that is ready, and a manifest; built on disk, sent in pieces."""
    file = _zip(run)
    size = file.seek(0, 2)
    file.seek(0)
    name = f"{'SAMPLE_' if run.simulated else ''}{slugify(run.name) or 'ads'}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(size)}
    return StreamingHttpResponse(_Pieces(file), content_type="application/zip", headers=headers)


def _zip(run: Run) -> IO[bytes]:
    told = manifest(run)
    file = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the answer
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as bundle:  # JPEG and PNG do not get smaller
        for ad in told["ads"]:
            key = ad.pop("key")
            if ad["state"] == "ready":
                _add(bundle, ad, key)
        bundle.writestr("manifest.json", json.dumps(told, indent=2, ensure_ascii=False))
    return file


def _add(bundle: zipfile.ZipFile, ad: dict[str, Any], key: str) -> None:
    """One ad. A file that is gone must not cost the others: the manifest says which one is missing."""
    try:
        bundle.writestr(ad["file"], storage.get(key))
    except FileNotFoundError:
        log.error("The file of an ad is gone: %s", key)
        ad |= {
            "state": "missing",
            "words": "Its file is gone from the storage. Start the run again to get it.",
        }


class _Pieces:
    """A file in pieces. The answer closes it, also when nobody stayed to read it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.close = file.close

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while piece := await asyncio.to_thread(self._file.read, CHUNK):
            yield piece
