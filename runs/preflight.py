"""What can be known to be wrong before anything is started: asked by page and API."""

from accounts.models import Workspace
from runs.assets import FONT
from runs.banned import faults_of_words
from runs.brief import BrandSpec, BriefSpec
from runs.errors import BriefFault, BriefRefused
from runs.kinds import servers_for
from runs.models import Asset
from runs.post_copy import faults_of_posts
from runs.states import WORKING

UPLOAD_IT = "Upload it, in the studio or by POST /api/v1/assets, or leave this out."


def check(spec: BriefSpec, workspace: Workspace) -> None:
    """Raises BriefRefused when no server that answers has the model, or the workspace not the logo, it names,
    or when post text is longer than its platform takes, or the copy has a word that the brand does not use.

    A server that is down is no reason to refuse: the run waits for it, and its page says so.
    """
    _refuse([*_model(spec), *_uploads(spec, workspace), *faults_of_posts(spec), *faults_of_words(spec)])


def check_uploads(spec: BriefSpec, workspace: Workspace) -> None:
    """Raise BriefRefused for a picture that is not this workspace's."""
    _refuse(_uploads(spec, workspace))


def _refuse(faults: list[BriefFault]) -> None:
    if faults:
        raise BriefRefused(faults)


def _uploads(spec: BriefSpec, workspace: Workspace) -> list[BriefFault]:
    return [*faults_of_brand(spec.brand, workspace), *_cutouts(spec, workspace)]


def _model(spec: BriefSpec) -> list[BriefFault]:
    named = spec.picture.checkpoint
    up = list(servers_for().filter(state__in=WORKING))  # of the kind that will paint it
    if not up or any(server.checkpoint_for(named) for server in up):
        return []
    wanted = next((name for server in up if (name := server.wanted_checkpoint(named))), "")
    if not wanted:
        return []  # servers without any model: the run waits for one, and its page says so
    known = sorted({name for server in up for name in server.checkpoints})
    words = f"The model “{wanted}” is not on any GPU server. Choose one of: {', '.join(known)}."
    return [BriefFault(field="picture.checkpoint", words=words)]


def faults_of_brand(brand: BrandSpec, workspace: Workspace) -> list[BriefFault]:
    """A key is a path in the storage: only one that was uploaded into this workspace is followed."""
    named = {"logo": brand.logo, "font": brand.font}
    words = f"There is no such {{}} in this workspace. {UPLOAD_IT}"
    return [
        BriefFault(field=f"brand.{kind}", words=words.format(kind))
        for kind, key in named.items()
        if key and not Asset.objects.filter(workspace=workspace, key=key, kind=kind).exists()
    ]


def _cutouts(spec: BriefSpec, workspace: Workspace) -> list[BriefFault]:
    words = f"This picture is not in this workspace. {UPLOAD_IT}"
    named = ((n, product.cutout) for n, product in enumerate(spec.products) if product.cutout)
    return [
        BriefFault(field=f"products.{n}.cutout", words=words)
        for n, key in named
        if not _is_ours(workspace, key)
    ]


def _is_ours(workspace: Workspace, key: str) -> bool:
    return Asset.objects.filter(workspace=workspace, key=key).exclude(kind=FONT).exists()
