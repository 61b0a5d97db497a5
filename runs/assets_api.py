"""The API of uploads: product pictures, logos and fonts that a brief then names by their key."""

from enum import StrEnum

from django.http import HttpRequest
from ninja import File, Form, Router, Schema, Status
from ninja.errors import HttpError
from ninja.files import UploadedFile
from pydantic import Field

from accounts import pace
from accounts.models import ApiToken, Workspace
from accounts.tokens import TooFast
from runs import assets
from runs.composition import BadCutout, BadFont, BadPicture, Ground
from runs.errors import BriefFault, BriefRefused
from runs.models import Asset
from runs.schemas import Problem

router = Router(tags=["assets"])


class Kind(StrEnum):
    """What an upload is for: `products[].cutout`, `brand.logo` or `brand.font` of a brief."""

    CUTOUT = assets.CUTOUT
    LOGO = assets.LOGO
    FONT = assets.FONT


class AssetOut(Schema):
    key: str = Field(description="The key a brief uses for it.")
    kind: Kind
    width: int = Field(description="Pixels; 0 for a font.")
    height: int
    bytes: int
    sha256: str = Field(description="Of the file as it is kept: re-encoded, without metadata.")
    ground: Ground | None = Field(
        None, description="How a product was told from its ground; look at a cut-out whose ground was plain."
    )


@router.post(
    "/assets",
    response={201: AssetOut, **dict.fromkeys((400, 401, 403, 413, 422, 429, 507), Problem)},
    summary="Upload a product picture, a logo or a font",
)
def upload(
    request: HttpRequest, kind: Form[Kind], file: File[UploadedFile], licence: Form[bool] = False
) -> Status[AssetOut]:
    """As multipart/form-data. Pictures are PNG, JPEG or WebP up to 10 MB, a logo may be SVG too.

    A product on a ground of one colour is cut out. A font (TTF, OTF, WOFF, WOFF2) needs `licence=true`: you confirm
    that you may use it in ads.
    """
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    if pace.UPLOADS.is_over(token.workspace_id):
        raise TooFast("That was more than 60 files within a minute.", pace.UPLOADS.window)
    if len(request.FILES.getlist("file")) > 1:
        raise BriefRefused([BriefFault(field="file", words="Send one file at a time.")])
    if (file.size or 0) > assets.MAX_BYTES:
        raise HttpError(413, "The file is larger than 10 MB. Send a smaller one.")
    if kind is Kind.FONT and not licence:
        fault = BriefFault(field="licence", words="Confirm with licence=true that you may use it in ads.")
        raise BriefRefused([fault])
    try:
        asset, ground = _keep(token.workspace, kind, file.read())
    except (BadPicture, BadCutout, BadFont) as refusal:
        raise BriefRefused([BriefFault(field="file", words=str(refusal))]) from refusal
    return Status(201, _out(asset, ground))


def _keep(workspace: Workspace, kind: Kind, data: bytes) -> tuple[Asset, Ground | None]:
    if kind is Kind.CUTOUT:
        return assets.store_cutout(workspace, data)
    store = assets.store_logo if kind is Kind.LOGO else assets.store_font
    return store(workspace, data), None


def _out(asset: Asset, ground: Ground | None) -> AssetOut:
    return AssetOut(
        key=asset.key,
        kind=Kind(asset.kind),
        width=asset.width,
        height=asset.height,
        bytes=asset.bytes,
        sha256=asset.sha256,
        ground=ground,
    )
