from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from accounts.lists import Newest, ShortCount
from accounts.models import ApiToken, Audit, Membership, User, Workspace

# One way in: the admin's own form knows neither the limit on guesses nor the second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


class MembershipInline(admin.TabularInline):
    model = Membership
    raw_id_fields = ("user",)
    extra = 0


@admin.register(User)
class PeopleAdmin(UserAdmin):
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


@admin.register(Workspace)
class WorkspaceAdmin(admin.ModelAdmin):
    list_display = ("name", "uid", "created_at")
    search_fields = ("name",)
    show_full_result_count = False
    paginator = ShortCount
    inlines = (MembershipInline,)


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):
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
class AuditAdmin(admin.ModelAdmin):
    list_display = ("at", "actor", "action", "target", "workspace")
    list_filter = (ActionFilter, "workspace")
    list_select_related = ("workspace",)
    search_fields = ("actor", "target")
    sortable_by = ()
    show_full_result_count = False
    paginator = ShortCount

    def has_add_permission(self, request: object) -> bool:
        return False

    def has_change_permission(self, request: object, obj: Audit | None = None) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: Audit | None = None) -> bool:
        return False
