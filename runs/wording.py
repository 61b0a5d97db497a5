"""What the ads of a run say now, as a brief: their words may have been changed since it was frozen."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from runs import formats
from runs.brief import BriefSpec, CopySpec, MessageSpec
from runs.models import Creative, Run
from runs.models.ads import Ads
from runs.post_text import PostCopy

FIELDS = ("headline", "short_headline", "line", "button", "legal")

type Place = tuple[int, str]  # a message and a language


def as_it_reads_now(run: Run) -> BriefSpec:
    """Each message, post text and price as most of its ads have them.

    One that was changed by itself changes nothing.
    """
    spec = run.brief
    ads = Creative.objects.get_queryset().filter(run=run, twin=False, language__in=spec.languages)
    messages = list(spec.messages)
    for said in (_changed_words(ads), _changed_posts(spec, ads.newest())):
        for (number, language), words in said.items():
            messages[number] = with_words(messages[number], spec.languages[0], language, words)
    products = list(spec.products)
    for number, price in _prices(spec, ads).items():
        products[number] = products[number].model_copy(update={"price": price})
    return spec.model_copy(update={"messages": tuple(messages), "products": tuple(products)})


def with_words(message: MessageSpec, first: str, language: str, words: Mapping[str, Any]) -> MessageSpec:
    """The message with these words in that language; `first` is the brief's first one."""
    if not words:
        return message
    if language == first and language not in message.translations:
        return message.model_copy(update=dict(words))
    before = message.copy_in(language)
    copy = CopySpec(**{name: getattr(before, name) for name in CopySpec.model_fields} | dict(words))
    return message.model_copy(update={"translations": {**message.translations, language: copy}})


def _changed_words(ads: Ads) -> dict[Place, dict[str, Any]]:
    """What most of them say now and did not say at first."""
    changed = ads.filter(message__in=ads.filter(revision__gt=1).values("message"))
    first, now = _usual(changed.filter(revision=1)), _usual(changed.newest())
    return {
        place: {name: said for name, said in copy.items() if said != first.get(place, {}).get(name)}
        for place, copy in now.items()
    }


def _usual(ads: Ads) -> dict[Place, dict[str, str]]:
    """The words that most of these have."""
    said: dict[Place, list[dict[str, Any]]] = defaultdict(list)
    for message, language, copy in ads.order_by("pk").values_list("message", "language", "copy"):
        said[message, language].append(copy)
    return {
        place: {name: _most(str(copy.get(name, "")) for copy in copies) for name in FIELDS}
        for place, copies in said.items()
    }


def _changed_posts(spec: BriefSpec, ads: Ads) -> dict[Place, dict[str, Any]]:
    """The text that goes beside most of them, platform by platform, where some have one of their own."""
    rows = ads.filter(message__in=ads.filter(post__isnull=False).values("message")).order_by("pk")
    said: dict[Place, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for message, language, size, own in rows.values_list("message", "language", "format", "post"):
        post = spec.messages[message].copy_in(language).post if own is None else PostCopy.model_validate(own)
        entry = formats.catalogue().get(size)
        for name in ("link", entry.platform if entry else ""):
            if name in PostCopy.model_fields:
                said[message, language][name].append(getattr(post, name))
    return {place: {"post": _post(spec, place, texts)} for place, texts in said.items()}


def _post(spec: BriefSpec, place: Place, texts: Mapping[str, list[Any]]) -> PostCopy:
    before = spec.messages[place[0]].copy_in(place[1]).post
    return before.model_copy(update={name: _most(each) for name, each in texts.items()})


def _prices(spec: BriefSpec, ads: Ads) -> dict[int, str]:
    """By product what most of its ads say, where some were changed."""
    changed = ads.filter(revision__gt=1).values("generation__product")
    rows = ads.newest().filter(generation__product__in=changed).order_by("pk")
    said: dict[int, list[str]] = defaultdict(list)
    for product, copy in rows.values_list("generation__product", "copy"):
        said[product].append(str(copy.get("price", spec.products[product].price)))
    return {product: _most(prices) for product, prices in said.items()}


def _most[Said: Hashable](said: Iterable[Said]) -> Said:
    return Counter(said).most_common(1)[0][0]
