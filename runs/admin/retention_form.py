"""The rules of one workspace as a form: what is left empty is as the settings have it, which each field says."""

from typing import Any

from django import forms

from runs.keeping import Policy
from runs.models import RetentionPolicy

MOST_DAYS = 36_500
MEGABYTE = 1024 * 1024
DAYS: dict[str, tuple[str, str]] = {
    "run_days": (
        "Days for runs",
        "A run is removed entirely once nothing of it has to stay. 0 keeps it forever.",
    ),
    "picture_days": (
        "Days for pictures",
        "If shorter, pictures are removed and their ads stay as they are. 0 keeps them forever.",
    ),
    "ad_days": ("Days for ads", "If shorter, ads are removed and their pictures stay. 0 keeps them forever."),
    "failed_days": ("Days for failed runs", "Runs that failed or were stopped. 0 keeps them forever."),
}


def _words(value: Any) -> str:
    match value:
        case True:
            return "yes"
        case False:
            return "no"
        case _:
            return f"{value:,}"


class RetentionForm(forms.ModelForm):
    """Written as megabytes, stored as bytes."""

    keep_last = forms.IntegerField(
        min_value=0, max_value=10_000, required=False, label="Keep the last runs of each brief"
    )
    megabytes = forms.IntegerField(min_value=0, max_value=10**9, required=False, label="Limit in MB")

    class Meta:
        model = RetentionPolicy
        fields = (
            "run_days",
            "picture_days",
            "ad_days",
            "failed_days",
            "keep_approved",
            "keep_pinned",
            "keep_last",
        )

    def __init__(self, *args: Any, usual: Policy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, hint) in DAYS.items():
            self.fields[name] = forms.IntegerField(
                min_value=0, max_value=MOST_DAYS, required=False, label=label, help_text=hint
            )
        for name, label in (("keep_approved", "Keep approved"), ("keep_pinned", "Keep pinned")):
            self.fields[name].label = label
            self.fields[name].widget = forms.Select(choices=self._answers(getattr(usual, name)))
        self.fields["keep_last"].help_text = "This many runs per brief stay, whatever their age."
        self.fields[
            "megabytes"
        ].help_text = (
            "Above this, runs are removed early: failed ones first, then the oldest. 0 means no limit."
        )
        self._hint(usual)
        if self.instance.ceiling is not None:
            self.initial["megabytes"] = self.instance.ceiling // MEGABYTE

    @staticmethod
    def _answers(usual: bool) -> list[tuple[str, str]]:
        return [("", f"as the settings: {_words(usual)}"), ("true", "yes"), ("false", "no")]

    def _hint(self, usual: Policy) -> None:
        """In each empty field what holds instead."""
        shown = {name: getattr(usual, name) for name in (*DAYS, "keep_last")}
        shown["megabytes"] = usual.ceiling // MEGABYTE
        for name, value in shown.items():
            told = "as for runs" if value is None else f"as the settings: {_words(value)}"
            self.fields[name].widget.attrs["placeholder"] = told

    def save(self, commit: bool = True) -> RetentionPolicy:
        size = self.cleaned_data["megabytes"]
        self.instance.ceiling = None if size is None else size * MEGABYTE
        policy: RetentionPolicy = super().save(commit)
        return policy
