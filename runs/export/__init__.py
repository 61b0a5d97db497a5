"""Takes finished ads out of the studio: a ZIP in pieces, or contact sheets. The page and the API both ask here."""

from .ads import Order, of_run, template_of
from .bundle import zip_pieces
from .sheets import contact_sheet

__all__ = ["Order", "contact_sheet", "of_run", "template_of", "zip_pieces"]
