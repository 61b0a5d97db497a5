"""What to do first in a new workspace, ticked off by what is there; gone when all is done or somebody closes it."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from runs.models import Decision, Export, Run
from studio.models import BrandKit, Brief, Campaign, StepsClosed


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    words: str
    about: str
    done: bool
    url: str
    button: str


def steps_of(place: Workspace, user: User, *, to_choose: int = 0) -> list[Step]:
    """Each with the place where it is done; none once all are done. `to_choose` ads wait in the latest runs."""
    if StepsClosed.objects.filter(workspace=place, user=user).exists():
        return []
    brief = Brief.objects.filter(workspace=place).order_by("-updated_at").first()
    steps = [*_writing(place, brief), *_making(place, brief, to_choose)]
    return [] if all(step.done for step in steps) else steps


def close(place: Workspace, user: User) -> None:
    """This person has seen enough of them."""
    StepsClosed.objects.get_or_create(workspace=place, user=user)


def _writing(place: Workspace, brief: Brief | None) -> list[Step]:
    campaign = Campaign.objects.filter(workspace=place).order_by("-updated_at").first()
    kit = BrandKit.objects.filter(workspace=place).exists()
    kit_url = reverse("studio:kits" if kit else "studio:kit_new")
    campaign_url, new_url = campaign and campaign.get_absolute_url(), reverse("studio:campaign_new")
    brief_url = reverse("studio:brief_new", args=[campaign.uid]) if campaign else new_url
    return [
        _step(
            _("Set up your brand kit"), _("Add your colours, logo and tone once"), kit, kit_url, _("Set up")
        ),
        _step(
            _("Create a campaign"),
            _("It groups your briefs and ads"),
            bool(campaign),
            campaign_url or new_url,
            _("Create"),
        ),
        _step(
            _("Write your first brief"),
            _("See every size as you type"),
            bool(brief),
            brief_url,
            _("Write"),
        ),
    ]


def _making(place: Workspace, brief: Brief | None, to_choose: int) -> list[Step]:
    run = Run.objects.filter(workspace=place).defer("spec").order_by("-pk").first()
    start_url = brief.get_absolute_url() if brief else reverse("studio:campaigns")
    run_url = reverse("studio:run", args=[run.uid]) if run else start_url
    chosen = Decision.objects.filter(workspace=place).exists()
    waiting = _("%(n)d to review") % {"n": to_choose} if to_choose else _("Approve the ones you want to use")
    steps = [
        _step(
            _("Make your first ads"), _("Press “Make the ads” in the brief"), bool(run), start_url, _("Start")
        )
    ]
    # Nobody can approve samples: the step waits for real ads and leads nowhere.
    if run is None or Run.objects.filter(workspace=place).exclude(simulated=True).exists():
        steps.append(_step(_("Approve your best ads"), waiting, chosen, run_url, _("Review")))
    else:
        why = _("Your ads so far are samples. Ads from a GPU server can be approved.")
        steps.append(_step(_("Approve your best ads"), why, chosen, "", ""))
    exported = Export.objects.filter(workspace=place).exists()
    return [
        *steps,
        _step(_("Export your ads"), _("A ZIP with one file per size"), exported, run_url, _("Export")),
    ]


def _step(words: str, about: str, done: bool, url: str, button: str) -> Step:
    return Step(words=words, about=about, done=done, url=url, button=button)
