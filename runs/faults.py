"""What kind of fault a sentence tells of: for those who count. The sentences themselves are for who has to act.

A step keeps its sentence and nothing else, so the kind is read from it. What no line below knows is "other".
"""

import re

SILENT = "silent worker"
OTHER = "other"

# The first that fits; some sentences quote what a server said, so those of the studio itself come first.
PATTERNS = (
    (SILENT, r"^Its worker went silent"),
    ("studio", r"^It failed in the studio itself"),
    ("model missing", r"has no model|lacks a model file"),
    ("node missing", r"has no node|lacks a node"),
    (
        "workflow refused",
        r"does not take (?:the|this) workflow|workflow and its bindings|The workflow “|^The workflow",
    ),
    ("access refused", r"refuses access"),
    ("timeout", r"did not answer in time|made no progress for"),
    ("unreachable", r"^Nobody answers|does not answer\.|is not trusted"),
    ("server error", r"error of its own|too many requests"),
    (
        "not ComfyUI",
        r"not as ComfyUI|redirects to another|what ComfyUI does not|something that ComfyUI does not|is too old",
    ),
    (
        "prompt lost",
        r"no longer knew it|lost track of it|Some(?:body|one) stopped it|does nothing with what waits"
        r"|is not working through",
    ),
    (
        "bad picture",
        r"no longer on|gave no picture|not the picture|cannot be read|without a picture|more data than",
    ),
    ("wrong address", r"not the address of a server|cannot be used as an address"),
    ("node failed", r"^\S+ failed on "),
)
_COMPILED = [(kind, re.compile(pattern)) for kind, pattern in PATTERNS]
SEEDED = ("bad picture", "node failed")  # with the same seed they come again, on whichever server
KINDS = (*(kind for kind, _ in PATTERNS), OTHER)


def kind_of(words: str) -> str:
    """One of KINDS."""
    return next((kind for kind, pattern in _COMPILED if pattern.search(words)), OTHER)
