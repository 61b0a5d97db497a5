"""Files on their way into a brief or a brand kit: taken, proposed for a look, or refused in a sentence."""

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import pace
from accounts.models import Workspace
from runs import assets
from runs.composition import BadCutout, BadFont, BadPicture, Ground
from runs.models import Asset
from runs.storage import StorageAway, StorageFull
from studio.forms import Draft

FULL = gettext_lazy("Storage is full, so the file wasn’t saved. Ask your studio admin to make room.")
AWAY = gettext_lazy("File storage isn’t responding, so the file wasn’t saved. Choose it again in a minute.")
UNANSWERED = gettext_lazy("Check the cutout first: press “Use it” or “Don’t use it”.")


class Refused(Exception):
    """This upload is none that can be used; the words say why and what to do."""


def take(workspace: Workspace, upload: UploadedFile) -> tuple[Asset, Ground]:
    """The product of an uploaded picture, kept. Raises Refused."""
    _not_too_often(workspace)
    if (upload.size or 0) > assets.MAX_BYTES:
        raise Refused(_("The picture is larger than 10 MB. Choose a smaller one."))
    try:
        return assets.store_cutout(workspace, upload.read())
    except (BadPicture, BadCutout) as refusal:
        raise Refused(str(refusal)) from refusal
    except (StorageFull, StorageAway) as fault:
        raise Refused(str(FULL if isinstance(fault, StorageFull) else AWAY)) from fault


def take_for_brand(workspace: Workspace, kind: str, upload: UploadedFile) -> Asset:
    """A logo or a font, kept. Raises Refused."""
    _not_too_often(workspace)
    if (upload.size or 0) > assets.MAX_BYTES:
        raise Refused(_("The file is larger than 10 MB. Choose a smaller one."))
    store = {assets.LOGO: assets.store_logo, assets.FONT: assets.store_font}[kind]
    try:
        return store(workspace, upload.read())
    except (BadPicture, BadFont) as refusal:
        raise Refused(str(refusal)) from refusal
    except (StorageFull, StorageAway) as fault:
        raise Refused(str(FULL if isinstance(fault, StorageFull) else AWAY)) from fault


def _not_too_often(workspace: Workspace) -> None:
    if pace.UPLOADS.is_over(workspace.pk):
        raise Refused(_("Too many files in one minute. Wait a minute, then choose it again."))


def take_all(workspace: Workspace, draft: Draft) -> bool:
    """Store the pictures that came with the form itself, as browsers without JavaScript send them.

    False when one is refused, which is told at its field.
    """
    for number, row in enumerate(draft.product_rows):
        upload = row.cleaned_data.get("picture")
        if not upload:
            continue
        try:
            asset, ground = take(workspace, upload)
        except Refused as refusal:
            row.add_error("picture", str(refusal))
            return False
        draft.use_cutout(number, asset.key, unseen=ground is Ground.PLAIN)
    return True


def all_answered(draft: Draft) -> bool:
    """Whether nobody still has to say if a cut-out is used; otherwise that is asked at its field."""
    open_rows = [row for row in draft.product_rows if row.cleaned_data.get("proposed")]
    for row in open_rows:
        row.add_error("picture", UNANSWERED)
    return not open_rows
