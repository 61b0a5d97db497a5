"""The text beside one ad, changed after it was made: on its row alone, without a new file and without a GPU.

The brief's text stays what it was. An ad that was never changed has none of its own and says what the brief says.
"""

from collections.abc import Iterator, Sequence

from django.db import transaction

from accounts.audit import note
from accounts.models import User
from runs import formats, signals
from runs.banned import refuse_words
from runs.brief import BriefSpec
from runs.errors import BriefFault, BriefRefused, NotAllowed, Overtaken
from runs.models import Creative, Run
from runs.post_copy import refusals
from runs.post_text import PostCopy

OLDER = "There is a newer revision of this ad. Change the text of that one."
GONE = "The size of this ad is no longer offered; its text stays as it is."


def of_ad(spec: BriefSpec, ad: Creative) -> PostCopy:
    """What goes beside it: its own, or what the brief has for its message and language."""
    if ad.post is not None:
        return PostCopy.model_validate(ad.post)
    return spec.messages[ad.message].copy_in(ad.language).post


def write(ads: Sequence[Creative], post: PostCopy, *, by: User, seen: PostCopy | None = None) -> None:
    """Put this text beside these ads of one run and platform. `seen` is what the first one had when it was looked at.

    Raises BriefRefused with the field below `post`, Overtaken where somebody else changed the text since, NotAllowed.
    """
    with transaction.atomic():
        run = Run.objects.hold(ads[0].run_id)
        rows = list(Creative.objects.filter(pk__in=[ad.pk for ad in ads]).select_related("generation"))
        rows.sort(key=lambda row: row.pk != ads[0].pk)
        _refuse(run, rows, post, seen)
        for row in rows:
            row.post = None if post == _of_brief(run.brief, row) else post.model_dump(mode="json")
        Creative.objects.bulk_update(rows, ["post"], batch_size=500)
        files = rows[0].file_name if len(rows) == 1 else f"{rows[0].file_name} and {len(rows) - 1} more"
        note(run.workspace, by, "ad.post", run.name, files)


def _of_brief(spec: BriefSpec, ad: Creative) -> PostCopy:
    return spec.messages[ad.message].copy_in(ad.language).post


def _refuse(run: Run, rows: list[Creative], post: PostCopy, seen: PostCopy | None) -> None:
    if not rows or Creative.objects.filter(supersedes=rows[0]).exists():
        raise NotAllowed(OLDER)
    if seen is not None and seen != of_ad(run.brief, rows[0]):
        raise Overtaken
    sizes = formats.still_offered(list({row.format: None for row in rows}))
    if not sizes:
        raise NotAllowed(GONE)
    if faults := [BriefFault(field=one.place, words=one.words) for one in refusals(post, sizes)]:
        raise BriefRefused(faults)
    by_now = signals.words_banned.send(Run, workspace=run.workspace_id, origin=run.origin)
    words = [*run.brief.brand.banned, *(word for _room, theirs in by_now for word in theirs or ())]
    refuse_words(dict.fromkeys(words), dict(_lines(post, sizes[0].platform)))


def _lines(post: PostCopy, platform: str) -> Iterator[tuple[str, str]]:
    for field, value in post.written(platform).items():
        yield f"{platform}.{field}", value if isinstance(value, str) else "\n".join(value)
