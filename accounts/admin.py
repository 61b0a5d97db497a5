from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

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
    search_fields = ("email", "first_name", "last_name")
    fieldsets = (
        (None, {"fields": ("email", "password", "first_name", "last_name")}),
        ("Rights", {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "usable_password", "password1", "password2")}),)


@admin.register(Workspace)
class WorkspaceAdmin(admin.ModelAdmin):
    list_display = ("name", "uid", "created_at")
    inlines = (MembershipInline,)


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):
    list_display = ("name", "hint", "workspace", "scope", "expires_at", "last_used_at", "revoked_at")
    readonly_fields = ("workspace", "user", "hint", "digest", "created_at", "last_used_at")

    def has_add_permission(self, request: object) -> bool:
        return False  # `manage.py token` mints them: the secret is shown only once


@admin.register(Audit)
class AuditAdmin(admin.ModelAdmin):
    list_display = ("at", "actor", "action", "target", "workspace")
    list_filter = ("action",)
    list_select_related = ("workspace",)

    def has_add_permission(self, request: object) -> bool:
        return False

    def has_change_permission(self, request: object, obj: Audit | None = None) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: Audit | None = None) -> bool:
        return False
