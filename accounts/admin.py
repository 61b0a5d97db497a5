from typing import Any

import allauth.account.admin
import allauth.mfa.admin  # noqa: F401  (what it registers is replaced below)
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.shortcuts import redirect

from accounts import members
from accounts.audit import note
from accounts.lists import AgeAt, Newest, Places, ShortCount
from accounts.models import ApiToken, Audit, Invitation, Membership, Role, User, Workspace


def _to_own_page(request: Any, extra_context: Any = None) -> Any:
    return redirect("account_change_password")


# One way in: the admin's own form knows neither the limit on guesses nor the second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
# The same for a new password: what is guessed of the old one is counted there.
admin.site.password_change = _to_own_page  # type: ignore[method-assign]
# A second address of an account would be a way in, to whoever reads its mail; accounts have one, their own.
admin.site.unregister([EmailAddress, Authenticator, Group])


class Noted(admin.ModelAdmin):
    """Whatever is changed here stands in the trail, too, which nobody can edit."""

    def log_addition(self, request: Any, obj: Any, message: Any) -> Any:
        return self._note(request, "add", super().log_addition(request, obj, message))

    def log_change(self, request: Any, obj: Any, message: Any) -> Any:
        return self._note(request, "change", super().log_change(request, obj, message))

    def log_deletions(self, request: Any, queryset: Any) -> Any:
        for row in queryset:
            self._write(request, "delete", row, "")
        return super().log_deletions(request, queryset)

    def _note(self, request: Any, deed: str, entry: Any) -> Any:
        self._write(request, deed, entry.get_edited_object(), entry.get_change_message())
        return entry

    def _write(self, request: Any, deed: str, row: Any, words: str) -> None:
        place = row if isinstance(row, Workspace) else getattr(row, "workspace", None)
        if deed == "delete" and place is row:
            place = None  # it goes
        note(place, request.user, f"{self.opts.model_name}.{deed}", getattr(row, "email", row), words)


class MembershipInline(admin.TabularInline):
    model = Membership
    raw_id_fields = ("user",)
    readonly_fields = ("joined_at",)
    extra = 0

    def get_formset(self, request: Any, obj: Any = None, **kwargs: Any) -> Any:
        """Who somebody is does not change: another person gets a row of their own."""
        kwargs.setdefault("form", MemberForm)
        return super().get_formset(request, obj, **kwargs)


class MemberForm(forms.ModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "user" in self.fields:
            self.fields["user"].disabled = True


class Written:
    """Rows that only the studio itself writes."""

    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False


@admin.register(User)
class PeopleAdmin(Noted, UserAdmin):
    """Who is no superuser gives nobody rights, and takes no account in hand that has some."""

    ordering = ("email",)
    list_display = ("email", "first_name", "last_name", "is_staff", "last_login")
    show_full_result_count = False
    paginator = ShortCount
    search_fields = ("email", "first_name", "last_name")
    fieldsets = (
        (None, {"fields": ("email", "password", "first_name", "last_name")}),
        ("Rights", {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "usable_password", "password1", "password2")}),)

    def get_readonly_fields(self, request: Any, obj: User | None = None) -> tuple[str, ...]:
        return () if request.user.is_superuser else ("is_staff", "is_superuser", "groups")

    def has_change_permission(self, request: Any, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request.user, obj)

    def has_delete_permission(self, request: Any, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request.user, obj)


@admin.register(Group)
class RightsAdmin(Noted, GroupAdmin):
    """Who may change what a group may, may do everything: that is for superusers."""

    def has_add_permission(self, request: Any) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: Any, obj: Group | None = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: Any, obj: Group | None = None) -> bool:
        return bool(request.user.is_superuser)


@admin.register(Authenticator)
class SecondStepAdmin(Written, Noted):
    """Who has a second step. It can be taken away from who lost it; what it is made of is shown to nobody."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    fields = list_display
    show_full_result_count = False
    paginator = ShortCount

    def has_delete_permission(self, request: Any, obj: Authenticator | None = None) -> bool:
        return bool(request.user.is_superuser)

    def lookup_allowed(self, lookup: str, value: Any, request: Any) -> bool:
        return not lookup.startswith("data") and super().lookup_allowed(lookup, value, request)


@admin.register(Workspace)
class WorkspaceAdmin(Noted):
    list_display = ("name", "uid", "created_at")
    search_fields = ("name",)
    show_full_result_count = False
    paginator = ShortCount
    inlines = (MembershipInline,)

    def save_formset(self, request: Any, form: Any, formset: Any, change: bool) -> None:
        """By the same verbs as the page of members: with a line in the trail, and never without an owner."""
        formset.save(commit=False)
        for member in formset.new_objects:
            member.save()
            words = f"As {Role(member.role).label}."
            note(member.workspace, request.user, "member.add", member.user.email, words)
        for member, _names in formset.changed_objects:
            role = Role(member.role)
            member.refresh_from_db(fields=["role"])
            self._do(request, members.change_role, member, role)
        for member in formset.deleted_objects:
            self._do(request, members.remove, member)

    def _do(self, request: Any, verb: Any, *given: Any) -> None:
        try:
            verb(*given, request.user)
        except members.Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)


@admin.register(Invitation)
class InvitationAdmin(Written, Noted):
    """To be looked at: they are made and withdrawn on the page of members."""

    list_display = (
        "__str__",
        "role",
        "workspace",
        "invited_by",
        "created_at",
        "expires_at",
        "used_at",
        "withdrawn_at",
    )
    list_select_related = ("workspace", "invited_by")
    search_fields = ("email", "workspace__name")
    fields = ("uid", "email", *list_display[1:])
    ordering = ("-pk",)
    show_full_result_count = False
    paginator = ShortCount

    def lookup_allowed(self, lookup: str, value: Any, request: Any) -> bool:
        return not lookup.startswith("digest") and super().lookup_allowed(lookup, value, request)


@admin.register(ApiToken)
class ApiTokenAdmin(Noted):
    list_display = ("name", "hint", "workspace", "scope", "expires_at", "last_used_at", "revoked_at")
    list_select_related = ("workspace",)
    search_fields = ("name", "hint")
    show_full_result_count = False
    paginator = ShortCount
    readonly_fields = ("workspace", "user", "hint", "digest", "created_at", "last_used_at")

    def has_add_permission(self, request: object) -> bool:
        return False  # `manage.py token` mints them: the secret is shown only once


class ActionFilter(Newest):
    title = "action"
    parameter_name = column = "action"


@admin.register(Audit)
class AuditAdmin(Written, admin.ModelAdmin):
    list_display = ("at", "actor", "action", "target", "workspace")
    list_filter = (AgeAt, ActionFilter, ("workspace", Places))
    list_select_related = ("workspace",)
    search_fields = ("actor", "target")
    sortable_by = ()
    show_full_result_count = False
    paginator = ShortCount

    def has_delete_permission(self, request: object, obj: Audit | None = None) -> bool:
        return False


def _may_touch(who: Any, user: User | None) -> bool:
    return user is None or who.is_superuser or user == who or not (user.is_staff or user.is_superuser)
