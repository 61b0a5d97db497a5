"""allauth asks here whether a stranger may sign up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class InvitedOnly(DefaultAccountAdapter):
    """Nobody gets in uninvited: the first owner comes by the printed link, others by the owner."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
