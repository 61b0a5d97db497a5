"""The lines of the audit log, in words."""

from django.utils.translation import gettext_lazy

DEEDS = {
    "workspace.create": gettext_lazy("made this workspace"),
    "workspace.rename": gettext_lazy("renamed this workspace"),
    "member.invite": gettext_lazy("invited"),
    "member.withdraw": gettext_lazy("withdrew an invitation"),
    "member.join": gettext_lazy("joined"),
    "member.role": gettext_lazy("changed a role"),
    "member.remove": gettext_lazy("removed"),
    "member.leave": gettext_lazy("left"),
    "run.start": gettext_lazy("started a run"),
    "run.cancel": gettext_lazy("stopped a run"),
    "run.retry": gettext_lazy("retried a run"),
    "ad.approve": gettext_lazy("approved an ad"),
    "ad.reject": gettext_lazy("rejected an ad"),
    "ad.undo": gettext_lazy("took a decision back"),
    "run.delete": gettext_lazy("deleted a run"),
}


def deed(action: str) -> str:
    """What somebody did; an action that has no words yet is named as it is."""
    return str(DEEDS.get(action, action))
