"""Takes finished ads out of the studio: a ZIP in pieces, or contact sheets. The page and the API both ask here."""

from .ads import Order, of_run, template_of
from .bundle import zip_pieces
from .records import again, gone, record
from .sheets import contact_sheet

__all__ = ["Order", "again", "contact_sheet", "gone", "of_run", "record", "template_of", "zip_pieces"]
