"""Makes copy ready for setting: clean characters, and words that must not be parted tied together."""

import re
import unicodedata
from dataclasses import replace
from itertools import pairwise

from .values import Copy

NBSP = "\u00a0"
SOFT_HYPHEN = "\u00ad"
ECHO = 0.55  # of a headline's pairs of letters; unlike sentences of one language share a fifth
# Joiners shape Persian; soft hyphens are the writer's.
_KEPT_FORMAT_CHARACTERS = {"\u200c", "\u200d", SOFT_HYPHEN}

# Signs of currencies: Unicode's block of them, and those that stand with their scripts.
_SIGN = (
    "$\u00a2-\u00a5\u20a0-\u20cf"
    "\u058f\u060b\u09f2\u09f3\u0af1\u0bf9\u0e3f\u17db\ufdfc\uff04\uffe0\uffe1\uffe5\uffe6"
)
_CODES = (
    "AED|AUD|BGN|BRL|CAD|CHF|CNY|CZK|DKK|EGP|EUR|GBP|HKD|HUF|IDR|ILS|INR|JPY|KES|KRW|KZT|MAD|MXN|MYR"
    "|NGN|NOK|NZD|PHP|PKR|PLN|QAR|RON|RSD|RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|USD|VND|ZAR"
)
_CURRENCY = rf"(?:[{_SIGN}]|(?:{_CODES})\b)"
_UNITS = (
    r"(?:%|‰|°C|°F|kr|zł|Kč|Ft|Uhr|km|cm|mm|kg|ml|cl|GB|MB|TB|kWh|kW|min|h|g|l|m²|m|x|cal|kcal"
    r"|руб|грн|тг|元|円|원|만원|रु|रुपये|บาท)"
)
_TIES = (
    re.compile(rf"(?<=\d) (?={_CURRENCY}|{_UNITS}(?!\w))"),  # 49 €, 50 %, 5 kg
    re.compile(rf"(?<=[{_SIGN}]) (?=\d)|(?<=\b[A-Z]{{3}}) (?=\d)"),  # € 49, CHF 49
    re.compile(r"(?<=\d) (?=\d{3}\b)"),  # 1 299
    re.compile(r" (?=[!?:;»›%‰]|[–—-] )"),  # French punctuation, and a dash ends its line
    re.compile(r"(?<=[«‹]) "),
    re.compile(
        r" (?=[\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff])"
    ),  # no emoji at a line head
    re.compile(r"(?<=\bRs) (?=\d)|(?<=\bRs\.) (?=\d)|(?<=रु) (?=\d)|(?<=रु\.) (?=\d)"),
    re.compile(r"(?<=\b[Nn]o\.) (?=\d)|(?<=\bNr\.) (?=\d)|(?<=№) (?=\d)"),
)
# A sign that opens the copy stands beside its first word.
_OPENING_SIGN = re.compile(r"^((?:[\u2300-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff][\ufe0f\u200d]*){1,6}) ")
# 🏴 and small letters that nobody sees, closed by a sign: the flags of England, Scotland and Wales.
_TAG_FLAG = re.compile("(?<=\U0001f3f4)[\U000e0061-\U000e007a]{2,6}\U000e007f")


def clean(text: str) -> str:
    """One line of composed characters: no control characters, no direction overrides, single spaces."""
    composed = unicodedata.normalize("NFC", text)
    tags = {place for match in _TAG_FLAG.finditer(composed) for place in range(*match.span())}
    spaced = (c if place in tags else _kept(c) for place, c in enumerate(composed))
    return re.sub(r"[ \t\u2028\u2029]+", " ", "".join(spaced)).strip()


def _kept(character: str) -> str:
    match unicodedata.category(character):
        case "Cf" if character not in _KEPT_FORMAT_CHARACTERS:
            return ""
        case "Cc":
            return " "
        case _:
            return character


def tied(text: str) -> str:
    """The text with no-break spaces where a line must not end: prices, units, emoji, French punctuation."""
    for rule in _TIES:
        text = rule.sub(NBSP, text)
    return _OPENING_SIGN.sub(rf"\1{NBSP}", text)


def prepared(copy: Copy) -> Copy:
    """The copy as it will be set."""
    return replace(copy, **{name: tied(clean(getattr(copy, name))) for name in Copy.__dataclass_fields__})


def echoes(line: str, headline: str) -> bool:
    """Whether a supporting line says again what the headline says: it holds most of the headline's pairs of letters."""
    said, again = _pairs(headline), _pairs(line)
    return len(said & again) > ECHO * len(said)


def _pairs(text: str) -> frozenset[str]:
    """Each two letters that follow each other, spaces aside, so that scripts without spaces are judged alike."""
    letters = [c for c in text.casefold() if unicodedata.category(c)[0] in "LMN"]
    return frozenset(map("".join, pairwise(letters)))
