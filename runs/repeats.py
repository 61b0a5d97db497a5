"""An order that is sent again: the same is one run, and one with a new seed is another.

The same order sent twice is one run: a double press, or a program that did not hear the first answer.

Such an order has a name: the run's uid is made from it, so the row itself is the memory, and no time limits it.
"""

from uuid import UUID, uuid4, uuid5

from django.db import IntegrityError
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from runs import lifecycle, preflight, shelf, signals, wording
from runs.brief import MAX_SEED, BriefSpec
from runs.errors import BriefFault, BriefRefused, KeyReused
from runs.models import Run

LONGEST_KEY = 200


def is_key(text: str) -> bool:
    """1 to 200 printable characters."""
    return len(text.strip()) > 0 and len(text) <= LONGEST_KEY and text.isascii() and text.isprintable()


def start(
    workspace: Workspace, user: User | None, spec: BriefSpec, *, uid: UUID | None, origin: UUID | None = None
) -> Run:
    """As `lifecycle.start`, also where two of the same arrive in the same moment."""
    try:
        return lifecycle.start(workspace, user, spec, origin=origin, uid=uid)
    except IntegrityError:
        # Both found no run of that uid, and the other one was faster.
        if uid is None or (run := Run.objects.filter(workspace=workspace, uid=uid).first()) is None:
            raise
        return run


def order(workspace: Workspace, user: User | None, spec: BriefSpec, key: str) -> Run:
    """The run of the order with this key, begun now or before. Raises KeyReused where the first one was another."""
    uid = uuid5(workspace.uid, f"order {key}")
    if spec.seed is None:
        # From the key, not by chance: the whole order can then be compared with the first one's.
        spec = spec.model_copy(update={"seed": uid.int % MAX_SEED})
    run = Run.objects.filter(workspace=workspace, uid=uid).first()
    if run is None:
        # Only the first: what it began stays the answer, whatever became of the servers since.
        preflight.check(spec, workspace)
        run = start(workspace, user, spec, uid=uid)
    if run.brief != spec:
        raise KeyReused(
            f"“{key}” was already used for a different order. Use a new Idempotency-Key for each order."
        )
    return run


def again(run: Run, user: User | None, key: str) -> Run:
    """The brief of this run once more, painted with another seed. The same key is the same press.

    Where the words of its ads were changed since, the new ads say what these say now.
    Raises BriefRefused where it could not be started today, QuotaReached where the workspace may order no more.
    """
    spec = wording.as_it_reads_now(run)
    uid = uuid5(run.uid, f"again {key}") if key else uuid4()
    seed = uid.int % MAX_SEED
    spec = spec.model_copy(update={"seed": seed + (seed == spec.seed)})
    if not Run.objects.filter(workspace=run.workspace_id, uid=uid).exists():
        _refuse_again(run, spec)
    new = start(run.workspace, user, spec, uid=uid, origin=run.origin)
    if run.group is not None and new.group is None:
        shelf.label(new, group=run.group, name=run.group_name)
    return new


def _refuse_again(run: Run, spec: BriefSpec) -> None:
    """What was right when the brief was frozen may not be any more."""
    if not spec.count_ads():
        words = _("None of its sizes are available any more. Open the brief and choose others.")
        raise BriefRefused([BriefFault(field="formats", words=words)])
    by_now = signals.words_banned.send(Run, workspace=run.workspace_id, origin=run.origin)
    banned = (*spec.brand.banned, *(word for _room, theirs in by_now for word in theirs or ()))
    brand = spec.brand.model_copy(update={"banned": tuple(dict.fromkeys(banned))})
    preflight.check(spec.model_copy(update={"brand": brand}), run.workspace)
