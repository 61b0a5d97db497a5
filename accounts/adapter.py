"""allauth asks here whether a stranger may sign up, and whose tries are counted together."""

from ipaddress import IPv6Address, ip_address
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse


class InvitedOnly(DefaultAccountAdapter):
    """Nobody gets in uninvited: the first owner comes by the printed link, others by the owner."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:account")

    def get_client_ip(self, request: HttpRequest) -> str:
        """A server that listens on `::` sees IPv4 within IPv6, all in one network: one stranger would lock out all."""
        address = ip_address(super().get_client_ip(request))
        return str((isinstance(address, IPv6Address) and address.ipv4_mapped) or address)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """By the account alone. allauth's has the Host as it was sent: each port in it would give five more tries."""
        return str(credentials.get("email", "")).lower()
