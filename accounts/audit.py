"""The trail of who did what: rows are only ever added."""

from accounts.models import Audit, User, Workspace


def note(
    workspace: Workspace | None, actor: User | str, action: str, target: object, words: str = ""
) -> None:
    """The actor by the mail address: a name can be changed."""
    who = actor if isinstance(actor, str) else actor.email
    Audit.objects.create(workspace=workspace, actor=who, action=action, target=str(target)[:200], words=words)
