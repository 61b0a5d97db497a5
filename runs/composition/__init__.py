"""Product and copy over a picture: finished ads in every format, with real type set anew for each.

A library of its own: no Django, no network, no clock. The engine calls `compose` in processes of its own;
the page calls `plan_layout` to say what fits before anything is painted.
"""

from .checks import check
from .compose import compose
from .cutout import Cutout, Ground, cut_out
from .errors import (
    BadColour,
    BadCutout,
    BadFont,
    BadPicture,
    CannotSign,
    CompositionError,
    DoesNotFit,
    MissingScript,
    NoHeadline,
    TooHeavy,
    UnknownFamily,
)
from .layout import Layout, Placement, plan_layout
from .logo import clean_logo
from .pictures import CleanPicture, clean_picture, thumbnail
from .sign import Credentials
from .typeface import CleanFont, clean_font
from .values import Ad, Box, Check, Copy, Report, Role, Style

__all__ = [
    "Ad",
    "BadColour",
    "BadCutout",
    "BadFont",
    "BadPicture",
    "Box",
    "CannotSign",
    "Check",
    "CleanFont",
    "CleanPicture",
    "CompositionError",
    "Copy",
    "Credentials",
    "Cutout",
    "DoesNotFit",
    "Ground",
    "Layout",
    "MissingScript",
    "NoHeadline",
    "Placement",
    "Report",
    "Role",
    "Style",
    "TooHeavy",
    "UnknownFamily",
    "check",
    "clean_font",
    "clean_logo",
    "clean_picture",
    "compose",
    "cut_out",
    "plan_layout",
    "thumbnail",
]
