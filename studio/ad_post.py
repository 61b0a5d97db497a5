"""The form of the text beside one ad: the fields of its platform, counted as that platform counts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from accounts.models import User
from runs import formats, posting, recompose
from runs.errors import BriefRefused, NotAllowed, Overtaken
from runs.models import Creative
from runs.post_text import PostCopy
from studio import posts

CHANGED = _("Someone changed this text after you opened it. Each field shows what it says now.")


class PostForm(forms.Form):
    """It sends the text it was drawn with beside what is wanted: what somebody else wrote meanwhile stays, unless
    it is sent again."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    everywhere = forms.BooleanField(
        label=_("Change all sizes and looks of this message on this platform"), required=False
    )

    def __init__(self, ad: Creative, data: Any = None) -> None:
        self.ad, self.size = ad, formats.get(ad.format)
        said = posting.of_ad(ad.run.brief, ad)
        self.now, self.seen_now = said.model_dump(mode="json"), said.model_dump_json()
        self.overtaken = False
        initial = posts.initial(self.now, "") | {"seen": self.seen_now}
        super().__init__(data, initial=initial, auto_id="beside_%s")
        posts.add_fields(self, "", "")

    @property
    def platform(self) -> str:
        return self.size.platform

    @property
    def link(self) -> Any:
        return self[posts.name_of("", "link")]

    @property
    def part(self) -> posts.PostPart | None:
        """The fields of its platform; None for a platform that takes no text."""
        found = (part for part in posts.parts(self, "", [self.size]) if part.platform == self.platform)
        return next(found, None)

    def clean_seen(self) -> PostCopy:
        """What no page of the studio has sent says nothing."""
        try:
            return PostCopy.model_validate_json(self.cleaned_data["seen"])
        except ValidationError:
            return PostCopy.model_validate(self.now)

    def write(self, by: User) -> bool:
        """False where something is wrong; it stands at its field."""
        if not self.is_valid():
            return False
        try:
            post = PostCopy.model_validate(self._wanted())
            posting.write(self._ads(), post, by=by, seen=self.cleaned_data["seen"])
        except ValidationError as refusal:
            self._refuse(BriefRefused.from_pydantic(refusal))
        except BriefRefused as refusal:
            self._refuse(refusal)
        except Overtaken:
            self._tell_overtaken()
        except NotAllowed as refusal:
            self.add_error(None, str(refusal))
        return not self.errors

    def _wanted(self) -> dict[str, Any]:
        """What other platforms get stays as it is."""
        mine = posts.values(self.cleaned_data, "")
        kept = {name: value for name, value in self.now.items() if name not in ("link", self.platform)}
        return kept | {name: mine[name] for name in ("link", self.platform) if name in mine}

    def _ads(self) -> list[Creative]:
        if not self.cleaned_data["everywhere"] or self.ad.twin:
            return [self.ad]
        others = [ad for ad in recompose.of_message(self.ad) if ad.pk != self.ad.pk]
        offered = {size.id for size in formats.images() if size.platform == self.platform}
        return [self.ad, *(ad for ad in others if ad.format in offered)]

    def _refuse(self, refusal: BriefRefused) -> None:
        for fault in refusal.faults:
            self.add_error(posts.field_of(self, "", fault.field), fault.words)

    def _tell_overtaken(self) -> None:
        """Sent once more it is meant: the form then counts from what the ad says now."""
        self.overtaken = True
        more = _("Your text is still here. Save again to replace theirs.")
        self.add_error(None, f"{CHANGED} {more}")
        for name, words in posts.initial(self.now, "").items():
            if words != (self.cleaned_data.get(name) or ""):
                now = _("It now says “%(words)s”.") if words else _("It is empty now.")
                self.add_error(name, now % {"words": words} if words else now)
        self.data = {**dict(self.data.items()), "seen": self.seen_now}
