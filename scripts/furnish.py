"""Puts into a throw-away studio what its pages are looked at with, by the studio's own verbs.

python scripts/furnish.py STEP      # prints {"name of a thing": "its uid"}; tests/browser/stage.py runs them in turn
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adgen.settings")

import django  # noqa: E402 (the path comes first)

django.setup()

from allauth.account.forms import default_token_generator  # noqa: E402
from allauth.account.utils import user_pk_to_url_str  # noqa: E402
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes  # noqa: E402
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret  # noqa: E402

from accounts import members  # noqa: E402
from accounts.models import Role, SigninLink, User, Workspace  # noqa: E402
from runs import assets, export, lifecycle, recompose, shelf  # noqa: E402
from runs.brief import BriefSpec, CopySpec, from_toml  # noqa: E402
from runs.choosing import decide  # noqa: E402
from runs.models import Creative, Run, Verdict  # noqa: E402
from runs.recompose import Change  # noqa: E402
from runs.states import AdState  # noqa: E402
from studio import deleting  # noqa: E402
from studio.demo import EMAIL  # noqa: E402
from studio.models import Brief, Campaign  # noqa: E402

PASSWORD = "a-long-pass-phrase-for-pictures"  # nosec B105 # of a throw-away studio
COLLEAGUES = (
    ("Ida Krogh", "ida@studio.example", Role.EDITOR),
    ("Per Holm", "per@studio.example", Role.VIEWER),
)
LONG = "A headline that goes on and on about coffee until no skyscraper has room for it, and then more "
SMALL = {"formats": ("meta_story", "meta_feed_square"), "seed": 7}


def sample() -> dict[str, str]:
    """One run of the built-in simulator, whose ads are samples."""
    return {"sample": _start(_demo(), **SMALL)}


def orders() -> dict[str, str]:
    """Colleagues, campaigns, and the runs that are to be finished."""
    owner, place = _owner()
    for name, email, role in COLLEAGUES:
        _colleague(place, owner, name, email, role)
    members.invite(place, owner, Role.EDITOR, "nora@agency.example")
    empty = members.found("Oat & Co", owner)
    skin = _brief(place, owner, "Autumn skin care", "Trial sets sold by mail", "skincare-two-products.toml")
    shoes = _brief(place, owner, "Sommer Schuhe", "Back in stock from 1 June", "sommer-schuhe.toml")
    facts = {"workspace": str(place.uid), "empty": str(empty.uid), "draft": str(shoes.uid)}
    demo = _demo()
    facts |= {"campaign": str(demo.campaign.uid), "brief": str(demo.uid), "kit": str(demo.kit.uid)}  # type: ignore[union-attr]
    old = Campaign.objects.create(workspace=place, name="Spring tasting", created_by=owner)
    deleting.delete(old, owner)
    return facts | {"done": _start(demo), "second": _start(skin)}


def choices() -> dict[str, str]:
    """Of the finished ads some are approved, one is rejected, one has new words; two exports."""
    owner, _place = _owner()
    run = Run.objects.filter(simulated=False).order_by("pk")[0]
    found = list(Creative.objects.newest().filter(run=run, state=AdState.READY).order_by("pk"))
    for ad in found[:9]:
        decide(ad, Verdict.APPROVED, by=owner)
    decide(found[10], Verdict.REJECTED, by=owner)
    campaign = "Summer cold brew"
    export.record(export.of_run(run, campaign=campaign), owner)
    export.record(export.of_run(run, campaign=campaign, approved=True), owner)
    [new] = recompose.order(
        [found[12]], Change(copy=CopySpec(headline="Cold since Monday.")), actor=str(owner)
    )
    return {"ad": str(found[1].uid), "changed": str(new.uid), "picture": str(found[1].picture.uid)}


def unfit() -> dict[str, str]:
    """A run of which one ad cannot be made."""
    words = [{"headline": "Slow brewed.", "button": "Try Nordlys"}, {"headline": (LONG * 2).strip()}]
    changes: dict[str, Any] = {"messages": words, "formats": ["meta_story", "google_display_skyscraper"]}
    return {"partly": _start(_demo(), **changes)}


def unfit_ad() -> dict[str, str]:
    row = Creative.objects.filter(state=AdState.DOES_NOT_FIT).order_by("pk")[0]
    return {"unfit": str(row.uid)}


def failing() -> dict[str, str]:
    return {"failed": _start(_demo(), **SMALL)}


def held() -> dict[str, str]:
    return {"running": _start(_demo(), seed=99)}


def accounts() -> dict[str, str]:
    """What the pages of accounts need: passwords, a second factor, links."""
    owner, place = _owner()
    guarded = User.objects.get(email=COLLEAGUES[0][1])
    TOTP.activate(guarded, generate_totp_secret())
    RecoveryCodes.activate(guarded)
    # Whoever signs in spoils the links that were sent before: this one never does.
    forgetful = User.objects.create_user("sam@studio.example", PASSWORD, first_name="Sam")
    key = f"{user_pk_to_url_str(forgetful)}-{default_token_generator.make_token(forgetful)}"
    # Belongs to no workspace yet, and is asked into one.
    User.objects.create_user("lea@studio.example", PASSWORD, first_name="Lea", last_name="Brandt")
    members.invite(place, owner, Role.VIEWER, "lea@studio.example")
    invited = members.invite(place, owner, Role.EDITOR)[1]
    return {"link": SigninLink.issue(owner), "invited": invited, "reset": key}


def _owner() -> tuple[User, Workspace]:
    owner = User.objects.get(email=EMAIL)
    return owner, Workspace.objects.get(name="Nordlys Coffee")


def _demo() -> Brief:
    return Brief.objects.select_related("campaign", "kit").order_by("pk")[0]


def _colleague(place: Workspace, owner: User, name: str, email: str, role: Role) -> None:
    invitation, _secret = members.invite(place, owner, role, email)
    first, _, last = name.partition(" ")
    user = User.objects.create_user(email, PASSWORD, first_name=first, last_name=last)
    members.accept(invitation, user)


def _brief(place: Workspace, owner: User, name: str, goal: str, file: str) -> Brief:
    path = ROOT / "examples" / file
    spec = assets.with_files(from_toml(path.read_text()), path.parent, place)
    campaign = Campaign.objects.create(workspace=place, name=name, goal=goal, created_by=owner)
    stored = spec.model_dump(mode="json")
    return Brief.objects.create(
        workspace=place, campaign=campaign, name=spec.name, spec=stored, created_by=owner
    )


def _start(brief: Brief, **changes: Any) -> str:
    """As the button of the brief's page does."""
    owner, place = _owner()
    spec = BriefSpec.model_validate(brief.spec | changes)
    run = lifecycle.start(place, owner, spec, origin=brief.uid)
    shelf.label(run, group=brief.campaign.uid, name=brief.campaign.name)
    return str(run.uid)


STEPS: dict[str, Callable[[], dict[str, str]]] = {
    step.__name__: step for step in (sample, orders, choices, unfit, unfit_ad, failing, held, accounts)
}

if __name__ == "__main__":
    print(json.dumps(STEPS[sys.argv[1]]()))
