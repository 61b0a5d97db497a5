"""The records in Django's admin: for those who run the studio. Whatever changes a run goes through lifecycle."""

from runs.admin import orders, policies, results, servers

__all__ = ["orders", "policies", "results", "servers"]
