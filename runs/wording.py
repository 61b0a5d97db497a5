"""What the ads of a run say now, as a brief: their words may have been changed since it was frozen."""

from collections import Counter
from typing import Any

from django.db.models import QuerySet

from runs.brief import BriefSpec, CopySpec, MessageSpec
from runs.models import Creative, Run

FIELDS = ("headline", "short_headline", "line", "button", "legal")


def as_it_reads_now(run: Run) -> BriefSpec:
    """Each message with the words that most of its ads were given. One that was changed by itself changes nothing."""
    spec = run.brief
    ads = Creative.objects.filter(run=run, twin=False)
    changed = ads.filter(revision__gt=1).values("message")
    first = _usual(ads.filter(message__in=changed, revision=1))
    now = _usual(Creative.objects.newest().filter(run=run, twin=False, message__in=changed))
    messages = list(spec.messages)
    for (number, language), copy in now.items():
        before = first.get((number, language), {})
        words = {name: said for name, said in copy.items() if said != before.get(name)}
        messages[number] = _with(messages[number], spec.languages[0], language, words)
    return spec.model_copy(update={"messages": tuple(messages)})


def _usual(ads: QuerySet[Creative]) -> dict[tuple[int, str], dict[str, str]]:
    """By message and language the words that most of these have."""
    said: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for message, language, copy in ads.values_list("message", "language", "copy"):
        said.setdefault((message, language), []).append(copy)
    return {place: {name: _most(copies, name) for name in FIELDS} for place, copies in said.items()}


def _most(copies: list[dict[str, Any]], name: str) -> str:
    return Counter(str(copy.get(name, "")) for copy in copies).most_common(1)[0][0]


def _with(message: MessageSpec, first: str, language: str, words: dict[str, str]) -> MessageSpec:
    if not words:
        return message
    if language == first and language not in message.translations:
        return message.model_copy(update=words)
    copy: CopySpec = CopySpec.model_validate(message.copy_in(language).model_dump() | words, extra="ignore")
    return message.model_copy(update={"translations": {**message.translations, language: copy}})
