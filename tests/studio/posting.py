"""The brief page's form as a browser sends it."""

from typing import Any
from uuid import uuid4

ROW = {
    "products": {"name": "Can", "description": "a slim can", "price": "", "cutout": "", "proposed": ""},
    "messages": {
        "headline": "Slow brewed. Fast gone.",
        "short_headline": "",
        "line": "18 hours cold.",
        "button": "Try it",
        "legal": "",
        "product": "",
    },
    "looks": {"name": "Warm podium", "words": "on a stone podium", "palette": "#f6c9a8 #e8825b"},
}


def form(**changes: Any) -> dict[str, Any]:
    """Two pictures, two ads; `messages_0_headline=""` empties that field, None leaves one out."""
    data: dict[str, Any] = {
        "name": "Cold brew",
        "audience": "people who are up late",
        "languages": "en",
        "formats": ["meta_feed_square", "meta_story"],
        "variations": "1",
        "seed": "7",
        "checkpoint": "",
        "steps": "",
        "start_key": str(uuid4()),
        "action": "start",
    }
    for table, row in ROW.items():
        data |= {f"{table}-TOTAL_FORMS": "1", f"{table}-INITIAL_FORMS": "0"}
        data |= {f"{table}-0-{name}": value for name, value in row.items()}
    data |= {_name(name): value for name, value in changes.items()}
    return {name: value for name, value in data.items() if value is not None}


def _name(word: str) -> str:
    table, _, rest = word.partition("_")
    if table not in ROW:
        return word
    number, _, name = rest.partition("_")
    return f"{table}-{number}-{name}" if number.isdigit() else f"{table}-{rest}"
