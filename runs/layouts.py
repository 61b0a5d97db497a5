"""Solved layouts, kept: between two keystrokes nearly all copy stays the same, and so does where it stands."""

from functools import lru_cache

from runs import formats
from runs.composition import CompositionError, Copy, Layout, Style, plan_layout


@lru_cache(maxsize=4096)
def solved(format_id: str, copy: Copy, style: Style, language: str) -> Layout | CompositionError:
    """The layout of that copy, or the reason why there is none."""
    try:
        return plan_layout(formats.get(format_id), copy, style, language)
    except CompositionError as fault:
        return fault
