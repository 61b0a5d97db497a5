"""Files for people and programs: pictures, ads and the ZIP of a run. What is not yours is not there."""

import logging
from collections.abc import AsyncIterator, Generator
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.tokens import bearer_of
from runs import assets, export, passes, previews, storage, thumbnails
from runs.models import Asset, Creative, Generation, Picture

log = logging.getLogger(__name__)

KINDS: dict[str, Any] = {"picture": Picture, "ad": Creative, "asset": Asset}
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
    """One picture, ad or upload; `?size=small` for pages, `?download=1` to save it under its own name.

    For who may see it, or with a pass (`?sig=`) for this very file and size.
    """
    small, model = request.GET.get("size") == "small", KINDS[kind]
    by_pass = passes.opens(request.GET.get("sig", ""), kind, uid, small=small)
    row = get_object_or_404(model, uid=uid) if by_pass else _find(request, model, uid)
    if not row.key or getattr(row, "dropped_at", None) or (kind == "asset" and row.kind == assets.FONT):
        raise Http404
    if storage.is_remote() and not small:
        moved = redirect(storage.url(row.key))
        moved["Cache-Control"] = "no-store"  # the address ends soon: each look asks for a new one
        return moved
    try:
        answer = (
            _file(thumbnails.small(row.key, see_through=kind == "asset"), "image/webp")
            if small
            else _file(storage.get(row.key), _mime(row))
        )
    except FileNotFoundError:
        log.error("The file of %s %s is gone: %s", kind, uid, row.key)
        raise Http404 from None
    if by_pass:  # its time ends, in every cache too
        answer["Cache-Control"] = "private, no-store"
    if request.GET.get("download"):
        name = row.file_name if kind == "ad" else f"{kind}-{row.uid}.png"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _mime(row: Picture | Creative | Asset) -> str:
    return row.mime if isinstance(row, Creative) else "image/png"


def _file(data: bytes, mime: str) -> HttpResponse:
    return HttpResponse(data, content_type=mime, headers={"Cache-Control": FOREVER})


@require_safe
def preview(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The latest latent preview of a picture that is being painted."""
    generation = _find(request, Generation, uid)
    image = previews.get(generation.uid)
    if image is None:
        raise Http404
    mime = "image/png" if image.startswith(b"\x89PNG") else "image/jpeg"
    return HttpResponse(image, content_type=mime, headers={"Cache-Control": "no-store"})


def archive(order: export.Order, *, by: User) -> StreamingHttpResponse:
    """A ZIP of every ad of the order that is ready, with its tables; made while it is sent. Who ordered it is noted."""
    export.record(order, by)
    headers = {"Content-Disposition": f'attachment; filename="{_file_name(order)}.zip"'}
    pieces = _Pieces(export.zip_pieces(order))
    return StreamingHttpResponse(pieces, content_type="application/zip", headers=headers)


def contact_sheet(order: export.Order) -> HttpResponse:
    """Every ad of the order small, on one picture or several."""
    data, ending = export.contact_sheet(order)
    if not data:
        raise Http404
    mime = {".png": "image/png", ".zip": "application/zip"}[ending]
    headers = {"Content-Disposition": f'attachment; filename="{_file_name(order)}-contact-sheet{ending}"'}
    return HttpResponse(data, content_type=mime, headers=headers)


def _file_name(order: export.Order) -> str:
    sample = "SAMPLE_" if any(run.simulated for run in order.runs) else ""
    return f"{sample}{slugify(order.title) or 'ads'}"


class _Pieces:
    """Pieces made in the request's own thread, where its database connection is, one whenever one is sent."""

    def __init__(self, pieces: Generator[bytes]) -> None:
        self._pieces = pieces

    def close(self) -> None:
        """The answer calls this, also when nobody stayed to read it."""
        self._pieces.close()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while piece := await sync_to_async(self._next)():
            yield piece

    def _next(self) -> bytes:
        return next(self._pieces, b"")
