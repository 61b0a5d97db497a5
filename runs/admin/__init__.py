"""The records in Django's admin: for those who run the studio. Whatever changes a run goes through lifecycle."""

from runs.admin import orders, results, servers

__all__ = ["orders", "results", "servers"]
