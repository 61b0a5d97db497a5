"""The records in Django's admin: for those who run the studio. Whatever changes a run goes through lifecycle."""

from runs.admin import cleanup, deleted, orders, policies, results, servers

__all__ = ["cleanup", "deleted", "orders", "policies", "results", "servers"]
