"""What people write of a campaign, and what they look for among them."""

from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from studio.models import Campaign

MOST_WORDS = 6


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class CampaignForm(forms.ModelForm):
    class Meta:
        model = Campaign
        fields = ("name", "goal", "starts_on", "ends_on", "budget_note")
        labels: ClassVar[Any] = {
            "name": _("Name"),
            "goal": _("Goal"),
            "starts_on": _("Start date"),
            "ends_on": _("End date"),
            "budget_note": _("Budget note"),
        }
        help_texts: ClassVar[Any] = {
            "goal": _("What should people do? One sentence is enough."),
            "budget_note": _(
                "For example “€18,000 Meta, €4,000 Google”. A note for your team; it isn’t used in any calculation."
            ),
        }
        widgets: ClassVar[Any] = {"starts_on": _day(), "ends_on": _day()}


class Search(forms.Form):
    q = forms.CharField(
        required=False,
        max_length=200,
        label=_("Search campaigns"),
        widget=forms.SearchInput(attrs={"placeholder": _("Search name and goal")}),
    )

    @property
    def words(self) -> list[str]:
        return str(self.cleaned_data.get("q") or "").split()[:MOST_WORDS] if self.is_valid() else []

    @property
    def condition(self) -> Q:
        """Every word stands somewhere in the name or the goal."""
        return reduce(lambda all_of, word: all_of & _stands(word), self.words, Q())


def _stands(word: str) -> Q:
    # SQLite knows large and small letters of English alone.
    ways = {word, word.lower(), word.upper(), word.capitalize()}
    return reduce(or_, (Q(name__icontains=way) | Q(goal__icontains=way) for way in sorted(ways)))
