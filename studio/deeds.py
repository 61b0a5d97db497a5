"""The lines of the audit log, in words."""

from django.utils.translation import gettext_lazy

DEEDS = {
    "workspace.create": gettext_lazy("created this workspace"),
    "workspace.rename": gettext_lazy("renamed this workspace"),
    "member.invite": gettext_lazy("invited"),
    "member.withdraw": gettext_lazy("revoked an invitation"),
    "member.join": gettext_lazy("joined"),
    "member.role": gettext_lazy("changed a role"),
    "member.remove": gettext_lazy("removed"),
    "member.leave": gettext_lazy("left"),
    "campaign.create": gettext_lazy("created a campaign"),
    "campaign.change": gettext_lazy("changed a campaign"),
    "campaign.archive": gettext_lazy("archived a campaign"),
    "campaign.restore": gettext_lazy("restored an archived campaign"),
    "campaign.delete": gettext_lazy("deleted a campaign"),
    "campaign.undelete": gettext_lazy("restored a deleted campaign"),
    "brief.delete": gettext_lazy("deleted a brief"),
    "brief.undelete": gettext_lazy("restored a deleted brief"),
    "kit.create": gettext_lazy("created a brand kit"),
    "kit.change": gettext_lazy("changed a brand kit"),
    "kit.default": gettext_lazy("made a brand kit the default"),
    "kit.archive": gettext_lazy("archived a brand kit"),
    "kit.restore": gettext_lazy("restored a brand kit"),
    "kit.delete": gettext_lazy("deleted a brand kit"),
    "kit.undelete": gettext_lazy("restored a deleted brand kit"),
    "run.start": gettext_lazy("started a run"),
    "run.cancel": gettext_lazy("stopped a run"),
    "run.retry": gettext_lazy("retried a run"),
    "run.pause": gettext_lazy("paused a run"),
    "run.resume": gettext_lazy("resumed a run"),
    "run.words": gettext_lazy("edited the text of a run’s ads"),
    "ad.approve": gettext_lazy("approved an ad"),
    "ad.reject": gettext_lazy("rejected an ad"),
    "ad.post": gettext_lazy("edited an ad’s post text"),
    "ad.undo": gettext_lazy("undid a decision"),
    "run.delete": gettext_lazy("deleted a run"),
}


def deed(action: str) -> str:
    """What somebody did; an action that has no words yet is named as it is."""
    return str(DEEDS.get(action, action))
