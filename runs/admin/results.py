"""Pictures, ads and uploaded files."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from accounts.lists import AgeAt, AgeFilter, Places
from runs.admin.record import Record, as_text
from runs.models import Asset, Creative, Decision, Export, Picture


@admin.register(Picture)
class PictureAdmin(Record[Picture]):
    list_display = ("uid", "generation", "attempt", "server", "simulated", "bytes", "workspace", "created_at")
    list_filter = (AgeFilter, "generation__server", "simulated", ("workspace", Places))
    list_select_related = ("generation", "workspace")
    search_fields = ("generation__run__name",)
    search_help_text = "A run’s name, or a whole uid of a picture, run or workspace"
    find_by = ("uid", "generation__uid", "generation__run__uid", "workspace__uid")


@admin.register(Creative)
class CreativeAdmin(Record[Creative]):
    list_display = (
        "file",
        "run",
        "state",
        "format",
        "language",
        "simulated",
        "bytes",
        "workspace",
        "created_at",
    )
    list_filter = ("state", AgeFilter, "simulated", ("workspace", Places))
    list_select_related = ("run", "generation", "workspace")
    search_fields = ("run__name", "format")
    search_help_text = "A run’s name, a size, or a whole uid of an ad, run or workspace"
    find_by = ("uid", "run__uid", "generation__uid", "workspace__uid")
    fieldsets = (
        (None, {"fields": ("uid", "run", "generation", "picture", "workspace", "state", "words")}),
        ("What it is", {"fields": ("message", "format", "language", "twin", "simulated")}),
        ("Revision", {"fields": ("revision", "supersedes", "made_by", "due_at", "tries")}),
        ("File", {"fields": ("key", "sha256", "bytes", "mime", "created_at")}),
        ("Made from", {"fields": ("copy_text", "brand_text", "focus", "report_text")}),
    )

    @admin.display(description="Ad")
    def file(self, ad: Creative) -> str:
        return ad.file_name

    @admin.display(description="Copy")
    def copy_text(self, ad: Creative) -> SafeString:
        return as_text(ad.copy)

    @admin.display(description="Brand")
    def brand_text(self, ad: Creative) -> SafeString:
        return as_text(ad.brand)

    @admin.display(description="Checks")
    def report_text(self, ad: Creative) -> SafeString:
        return as_text(ad.report)


@admin.register(Asset)
class AssetAdmin(Record[Asset]):
    list_display = ("uid", "kind", "width", "height", "bytes", "workspace", "created_at")
    list_filter = (AgeFilter, ("workspace", Places))
    list_select_related = ("workspace",)
    search_fields = ("kind",)
    search_help_text = "A kind, or a whole uid of an upload or workspace"
    find_by = ("uid", "workspace__uid")


@admin.register(Decision)
class DecisionAdmin(Record[Decision]):
    list_display = ("at", "verdict", "who", "creative", "workspace")
    list_filter = (AgeAt, "verdict", ("workspace", Places))
    list_select_related = ("creative__generation", "workspace")
    search_fields = ("who",)
    search_help_text = "Who decided, or a whole uid of an ad, run or workspace"
    find_by = ("creative__uid", "creative__run__uid", "workspace__uid")


@admin.register(Export)
class ExportAdmin(Record[Export]):
    """Who took out what; a run that was just taken out stays for a while."""

    list_display = ("title", "who", "selection", "count", "bytes", "workspace", "created_at")
    list_filter = (AgeFilter, "selection", ("workspace", Places))
    list_select_related = ("workspace",)
    search_fields = ("title", "who")
    search_help_text = "A title, a name, or a whole uid of an export or workspace"
    find_by = ("uid", "workspace__uid")
    # Without the keys of its ads: there may be fifty thousand.
    fields = (
        "uid",
        "title",
        "campaign",
        "who",
        "selection",
        "platforms",
        "count",
        "bytes",
        "workspace",
        "created_at",
    )

    def has_delete_permission(self, request: HttpRequest, obj: Export | None = None) -> bool:
        """It has no files; and what may not go keeps its workspace, too."""
        return request.user.has_perm("runs.delete_export")
