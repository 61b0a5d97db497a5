"""Post text held against the limits of the platforms, counted as each platform counts.

Pure: brief page, preflight, API and export ask here. Limits and their sources are the catalogue's. How characters
are counted is published by X (https://docs.x.com/fundamentals/counting-characters) and, as "display width", by
Google's API reference (source g_rda_api); TikTok's and Pinterest's own limits for CJK are in the catalogue. The
others say nothing: there each character of the composed text (NFC) counts one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from unicodedata import east_asian_width, normalize

from runs.brief import BriefSpec
from runs.errors import BriefFault
from runs.formats import PLATFORM_NAMES, Format
from runs.post_text import PostCopy

DOUBLE_WIDTH = ("google_ads", "dv360", "tiktok")  # a wide character takes the place of two
X_LINK = 23
X_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))  # these weigh one, everything else two
NAMES = {
    "cta": "Button",
    "post": "Post text",
    "website_title": "Website title",
    "introductory_text": "Intro text",
}

_PICTOGRAPH = "[\U0001f000-\U0001faff\u2600-\u27bf\u2b05-\u2b55\u231a\u231b\u23e9-\u23fa\u3030\u303d]"
# Also what is shown as a picture by a sign after it (▶️ ™️), and the flags of England, Scotland and Wales.
_JOINED = f"(?:{_PICTOGRAPH}|[^\\s\ufe0f](?=\ufe0f))[\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
_EMOJI = re.compile(f"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|{_JOINED}(?:\u200d{_JOINED})*")
_TOPS = "com|org|net|info|shop|store|app|dev|io|co|eu|de|fr|es|it|nl|uk|ch|at|jp|me|ly|be|us"
_LINK = re.compile(
    rf"https?://[^\s]+|\b(?:[a-z0-9-]{{1,63}}\.){{1,6}}(?:{_TOPS})\b(?:/[^\s]*)?", re.IGNORECASE
)
_CJK = re.compile("[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_LEAST = re.compile(r"at least one <= (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What one platform says of one field, as its formats of this brief have it. None = nothing is said."""

    platform: str
    field: str
    label: str  # the format that says it
    soft: int | None
    hard: int | None
    cjk_soft: int | None
    least: int | None
    count: tuple[int, int] | None  # how many of them the platform takes
    one_short: int | None  # at least one of them has to be this short
    plain: bool  # no emoji, no { } and no #
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One field of one platform's post text against one limit. `number` counts from 0 where there are several."""

    platform: str
    field: str
    number: int | None
    count: int
    limit: int
    hard: bool
    ok: bool
    words: str  # a sentence; empty when the limit is kept
    sources: tuple[str, ...]

    @property
    def place(self) -> str:
        """Where it stands below `post`."""
        number = "" if self.number is None else f".{self.number}"
        return f"{self.platform}.{self.field}{number}"


def count(platform: str, text: str) -> int:
    """How many characters that platform counts in the text."""
    text = normalize("NFC", text)
    if platform == "x":
        return _x_weight(text)
    if platform in DOUBLE_WIDTH:
        return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
    return len(text)


def _x_weight(text: str) -> int:
    links = len(_LINK.findall(text))
    text, emoji = _EMOJI.subn("", _LINK.sub("", text))
    return links * X_LINK + emoji * 2 + sum(1 if _is_light(ord(letter)) else 2 for letter in text)


def _is_light(point: int) -> bool:
    return any(first <= point <= last for first, last in X_LIGHT)


def limits(sizes: Iterable[Format]) -> list[Limit]:
    """What the platforms of these sizes say, each different limit once under the first size that has it."""
    known: dict[tuple[Any, ...], Limit] = {}
    for size in sizes:
        for field, rule in size.text.items():
            if isinstance(rule, Mapping):
                limit = _limit(size, field, rule)
                facts = (limit.soft, limit.hard, limit.cjk_soft, limit.least, limit.count, limit.one_short)
                known.setdefault((size.platform, field, *facts), limit)
    return list(known.values())


def _limit(size: Format, field: str, rule: Mapping[str, Any]) -> Limit:
    short = _LEAST.search(rule.get("rule", ""))
    return Limit(
        platform=size.platform,
        field=field,
        label=size.label,
        soft=rule.get("soft"),
        hard=rule.get("max"),
        cjk_soft=rule.get("cjk_soft"),
        least=rule.get("min"),
        count=tuple(rule["count"]) if "count" in rule else None,
        one_short=int(short[1]) if short else None,
        plain=field in size.text.get("rule", ""),  # "no emoji, no { } and no # in the description"
        sources=size.sources,
    )


def check(post: PostCopy, sizes: Iterable[Format]) -> list[Verdict]:
    """Every written field against every limit that holds for it; what is not written is not asked for."""
    found: list[Verdict] = []
    for limit in limits(sizes):
        value = post.written(limit.platform).get(limit.field)
        if value is not None:
            found += _verdicts(limit, value)
    return found


def faults_of_posts(spec: BriefSpec) -> list[BriefFault]:
    """What a platform would refuse, each at its field in the brief and with its language where there are several."""
    sizes = spec.offered
    return [
        BriefFault(field=f"{place}.{verdict.place}", words=verdict.words)
        for place, post in posts(spec)
        for verdict in refusals(post, sizes)
    ]


def posts(spec: BriefSpec) -> Iterator[tuple[str, PostCopy]]:
    """Every post text of the brief with its place: the first language's, then those of the translations."""
    for number, message in enumerate(spec.messages):
        yield f"messages.{number}.post", message.post
        for language in spec.languages[1:]:
            if language in message.translations:
                yield f"messages.{number}.translations.{language}.post", message.translations[language].post


def refusals(post: PostCopy, sizes: Iterable[Format]) -> list[Verdict]:
    """Those for which the platform would refuse the post."""
    return [verdict for verdict in check(post, sizes) if verdict.hard and not verdict.ok]


def _verdicts(limit: Limit, value: str | tuple[str, ...]) -> Iterator[Verdict]:
    lines = [(None, value)] if isinstance(value, str) else list(enumerate(value))
    for number, text in lines:
        yield from _lengths(limit, number, text)
        if limit.plain:
            yield _plain(limit, number, text)
    if not isinstance(value, str):
        yield from _together(limit, value)


def _lengths(limit: Limit, number: int | None, text: str) -> Iterator[Verdict]:
    counted = count(limit.platform, text)
    if limit.hard is not None:
        yield _verdict(limit, number, counted, limit.hard, counted <= limit.hard, _too_long)
    soft = limit.cjk_soft if limit.cjk_soft and _CJK.search(text) else limit.soft
    if soft is not None:
        yield _verdict(limit, number, counted, soft, counted <= soft, _cut, hard=False)
    if limit.least is not None:
        yield _verdict(limit, number, counted, limit.least, counted >= limit.least, _too_short)


def _verdict(
    limit: Limit,
    number: int | None,
    counted: int,
    least_or_most: int,
    ok: bool,
    say: Any,
    *,
    hard: bool = True,
) -> Verdict:
    name = field_name(limit.field) + (f" {number + 1}" if number is not None else "")
    return Verdict(
        platform=limit.platform,
        field=limit.field,
        number=number,
        count=counted,
        limit=least_or_most,
        hard=hard,
        ok=ok,
        words="" if ok else say(name, counted, least_or_most, limit),
        sources=limit.sources,
    )


def _too_long(name: str, counted: int, most: int, limit: Limit) -> str:
    where = f"{PLATFORM_NAMES[limit.platform]} allows at most {most} ({limit.label})"
    return f"{name} has {counted} characters; {where}. Shorten it by {counted - most}."


def _cut(name: str, counted: int, most: int, limit: Limit) -> str:
    where = f"{PLATFORM_NAMES[limit.platform]} shows about {most} before cutting it off ({limit.label})"
    return f"{name} has {counted} characters; {where}. Put what matters in the first {most}."


def _too_short(name: str, counted: int, least: int, limit: Limit) -> str:
    where = f"{PLATFORM_NAMES[limit.platform]} asks for at least {least} ({limit.label})"
    return f"{name} has {counted} characters; {where}. Add {least - counted}."


def _plain(limit: Limit, number: int | None, text: str) -> Verdict:
    """TikTok's rule of the description."""
    strange = [found[0] for found in _EMOJI.finditer(text)] + [letter for letter in "{}#" if letter in text]

    def say(name: str, _counted: int, _most: int, _limit: Limit) -> str:
        shown = " ".join(dict.fromkeys(strange))
        return f"{name} has {shown}; {PLATFORM_NAMES[limit.platform]} allows no emoji, {{ }} or # here. Remove them."

    return _verdict(limit, number, len(strange), 0, not strange, say)


def _together(limit: Limit, lines: tuple[str, ...]) -> Iterator[Verdict]:
    """What a platform asks of all the lines of one field: never a reason to refuse, they can be added there too."""
    if limit.count:
        least, most = limit.count
        few, many = len(lines) < least, len(lines) > most
        told = _too_few if few else _too_many
        bound = least if few else most
        yield _verdict(limit, None, len(lines), bound, not (few or many), told, hard=False)
    if limit.one_short:
        shortest = min(count(limit.platform, line) for line in lines)
        ok = shortest <= limit.one_short
        yield _verdict(limit, None, shortest, limit.one_short, ok, _none_short, hard=False)


def _too_few(name: str, counted: int, least: int, limit: Limit) -> str:
    where = f"{PLATFORM_NAMES[limit.platform]} asks for at least {least} ({limit.label})"
    return f"{name}: {counted} written; {where}. Add {least - counted} before you post."


def _too_many(name: str, counted: int, most: int, limit: Limit) -> str:
    where = f"{PLATFORM_NAMES[limit.platform]} allows at most {most} ({limit.label})"
    return f"{name}: {counted} written; {where}. Leave {counted - most} out when you post."


def _none_short(name: str, counted: int, most: int, limit: Limit) -> str:
    where = f"{PLATFORM_NAMES[limit.platform]} asks for one of at most {most} characters ({limit.label})"
    return f"{name}: the shortest has {counted}; {where}. Add a shorter one before you post."


def field_name(field: str) -> str:
    """The field in words: "Long headline"."""
    return NAMES.get(field) or field.replace("_", " ").capitalize()
