"""How the page says a row of an ad's report: what is checked, whether it is met, and whose rule it is."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from runs.rules import Origin, Rule

SOURCE_KINDS = {
    "official": gettext_lazy("the platform’s own page"),
    "official-mirror": gettext_lazy("a copy of the platform’s own page"),
    "official-adjacent": gettext_lazy("another vendor’s documentation of the platform"),
    "standard": gettext_lazy("the standard"),
    "third-party": gettext_lazy("a third-party page"),
}
NAMES = {
    "opens": gettext_lazy("File opens"),
    "pixels": gettext_lazy("Pixels"),
    "ratio": gettext_lazy("Ratio"),
    "file_type": gettext_lazy("File type"),
    "bytes": gettext_lazy("File size"),
    "colour": gettext_lazy("Colour space"),
    "metadata": gettext_lazy("Metadata"),
    "source_type": gettext_lazy("AI label"),
    "text_free": gettext_lazy("No text"),
    "text_allowed": gettext_lazy("Text"),
    "safe_zone": gettext_lazy("Safe zone"),
    "overlap": gettext_lazy("Overlap"),
    "type_size": gettext_lazy("Text size"),
    "contrast": gettext_lazy("Contrast"),
    "text_share": gettext_lazy("Amount of text"),
    "focus": gettext_lazy("Focus"),
    "palette": gettext_lazy("Brand colours"),
    "product": gettext_lazy("Product"),
    "copy_limits": gettext_lazy("Post text"),
}


# How far two colours are apart is noted as a number, which says nothing to most people.
_DIFFERENCE = re.compile(r"ΔE (\d+\.\d)")


def _in_words(found: re.Match[str]) -> str:
    apart = float(found[1])
    if apart < 1:
        return _("no difference")
    if apart <= 3:
        return _("a barely visible difference")
    return _("a visible difference")


def rule_line(rule: Rule) -> dict[str, Any]:
    sources = [
        source_line({"url": source.url, "kind": source.kind}) | {"date": source.date}
        for source in rule.sources
    ]
    name = str(NAMES.get(rule.name, rule.name.replace("_", " ").capitalize()))
    return {
        "name": name,
        "ok": rule.ok,
        "words": _DIFFERENCE.sub(_in_words, rule.words),
        "sources": sources,
        "ours": rule.origin is Origin.OURS,
        "differ": _("two sources differ") if rule.origin is Origin.CONFLICTING else "",
        "note": rule.note,
    }


def source_line(source: Mapping[str, str]) -> dict[str, str]:
    """A page is named by where it stands; the catalogue's own short names are for its file."""
    where = urlsplit(source["url"])
    name = where.netloc.removeprefix("www.") + where.path.rstrip("/")
    return {"name": name, "url": source["url"], "kind": str(SOURCE_KINDS[source["kind"]])}
