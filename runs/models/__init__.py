"""The records: what is ordered, what became of it, and who makes it. Only `lifecycle.py` writes a status."""

from runs.models.ads import Asset, Creative, Picture
from runs.models.choosing import Decision, Verdict
from runs.models.exports import Export, Selection
from runs.models.library import Keyword, Word
from runs.models.orders import (
    DeletedRun,
    Delivery,
    Generation,
    Run,
    Transition,
    WorkspacePolicy,
    deleted_runs,
)
from runs.models.retention import CleanUp, Removal, RetentionPolicy
from runs.models.servers import Server, Withdrawal, Workflow

__all__ = [
    "Asset",
    "CleanUp",
    "Creative",
    "Decision",
    "DeletedRun",
    "Delivery",
    "Export",
    "Generation",
    "Keyword",
    "Picture",
    "Removal",
    "RetentionPolicy",
    "Run",
    "Selection",
    "Server",
    "Transition",
    "Verdict",
    "Withdrawal",
    "Word",
    "Workflow",
    "WorkspacePolicy",
    "deleted_runs",
]
