"""Going from one workspace to another, and how a workspace wants its files named."""

from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Deed, may
from accounts.models import Workspace
from runs import naming
from runs.models import Delivery
from studio.here import CHOSEN, StudioRequest, member, posted

EXAMPLE = {
    "campaign": "Spring",
    "run": "Cold brew",
    "platform": "Meta",
    "format": "meta_story",
    "size": "1080x1920",
    "language": "en",
    "product": 1,
    "product_name": "Cold brew 250 ml",
    "look": 2,
    "look_name": "Warm podium",
    "variation": 1,
    "message": 1,
    "headline": "Slow brewed. Fast gone.",
    "n": "007",
}


class FileNames(forms.Form):
    file_names = forms.CharField(
        required=False,
        label=gettext_lazy("File names in downloads"),
        help_text=gettext_lazy("Leave empty for the standard names."),
        widget=forms.TextInput(attrs={"placeholder": naming.DEFAULT, "spellcheck": "false"}),
    )

    def clean_file_names(self) -> str:
        template = str(self.cleaned_data["file_names"])
        if template:
            try:
                naming.check(template)
            except naming.BadTemplate as fault:
                raise forms.ValidationError(str(fault)) from fault
        return template


@login_required
@posted
def enter(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """From now on the lists and new campaigns of this browser are of that workspace."""
    workspace = get_object_or_404(Workspace, uid=uid, memberships__user=request.user)
    request.session[CHOSEN] = str(workspace.uid)
    return redirect("studio:home")


@member
def files(request: StudioRequest, uid: UUID) -> HttpResponseBase:
    """The template for the names of exported files."""
    workspace = get_object_or_404(Workspace, uid=uid, memberships__user=request.user)
    if not may(request.user, Deed.EDIT, workspace):
        raise PermissionDenied(_("You have view-only access here."))
    request.workspace = workspace
    now = Delivery.objects.filter(workspace=workspace).first()
    form = FileNames(request.POST or None, initial={"file_names": now.file_names if now else ""})
    if request.method == "POST" and form.is_valid():
        names = {"file_names": form.cleaned_data["file_names"]}
        Delivery.objects.update_or_create(workspace=workspace, defaults=names)
        messages.success(request, _("Saved. New downloads use these file names."))
        return redirect("studio:workspace_files", workspace.uid)
    context = {"form": form, "placeholders": naming.PLACEHOLDERS, "example": _example(form)}
    status = 422 if form.errors else 200
    return render(request, "studio/file_names.html", context, status=status)


def _example(form: FileNames) -> str:
    template = cast(str, form["file_names"].value() or "")
    if form.errors:
        return ""
    return naming.Names(template).path(["Meta"], EXAMPLE, ".jpg")
