"""What a brand may wish of its ads beside colours: the words of briefs and of the composition alike."""

from typing import Literal

Ink = Literal["auto", "light", "dark"]  # of type over pictures
Scrim = Literal["auto", "none", "strong"]  # the veil behind that type: none takes a panel where one is needed
Corners = Literal["square", "soft", "round"]  # of cards and price tags
ButtonShape = Literal["pill", "rounded", "square"]
