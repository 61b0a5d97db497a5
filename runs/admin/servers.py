"""GPU servers and the graphs they run. An address is asked before it is kept; how to get in is never shown again."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone

from accounts.lists import Places
from runs.admin.record import Record, as_text, audit, counted
from runs.admin.server_form import SECRETS, Answer, FreeServerForm, ServerForm
from runs.engine.servers import SENT, SIMULATOR_NAME, probe_now
from runs.models import Generation, Server, Workflow
from runs.models.spelling import UNDER_WAY
from runs.states import SEATED, ServerState

FACTS: tuple[str, ...] = (
    "state",
    "reason",
    "version",
    "models",
    "missing",
    "simulated",
    "pace_shown",
    "others",
    "failures",
)
FACTS += ("paused", "seen_at", "probed_at", "uid")


@admin.register(Server)
class ServerAdmin(admin.ModelAdmin):
    list_display = (
        "name",
        "url",
        "enabled",
        "state",
        "reason",
        "taken",
        "others",
        "pace_shown",
        "paused",
        "version",
        "seen_at",
    )
    list_filter = ("state", "enabled", "simulated")
    search_fields = ("name", "url")
    show_full_result_count = False
    actions = ("switch_on", "switch_off", "ask_again")
    readonly_fields = ("origin", "stored", *FACTS)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """How to get in is not filtered by either: `?token__startswith=` would spell it out, letter by letter."""
        hidden = {name for names in SECRETS.values() for name in names}
        return lookup.partition("__")[0] not in hidden and super().lookup_allowed(lookup, value, request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Server]:
        seated = Generation.objects.filter(UNDER_WAY, server=OuterRef("pk"), status__in=sorted(SEATED))
        count = seated.order_by().values("server").annotate(n=Count("*")).values("n")
        return super().get_queryset(request).annotate(seats_taken=Coalesce(Subquery(count), 0))

    def get_fieldsets(self, request: HttpRequest, obj: Server | None = None) -> Any:
        """How to get in is only ever a field to type into: shown as text it would be readable."""
        access: tuple[str, ...] = ("stored",) if obj else ()
        if self._may_type(request, obj):
            access += tuple(name for kind in SECRETS for name in _fields(kind, obj))
        return (
            (None, {"fields": ("name", "url", "origin") if obj else ("name", "url")}),
            ("Access", {"fields": access}),
            ("Work", {"fields": ("enabled", "seats")}),
            *((("Reported by the server", {"fields": FACTS}),) if obj else ()),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Server | None = None) -> tuple[str, ...]:
        return (*self.readonly_fields, *(() if _is_free(obj) else ("name", "url")))

    def get_form(
        self, request: HttpRequest, obj: Server | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        kwargs["form"] = FreeServerForm if _is_free(obj) else ServerForm
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"answer": getattr(request, "asked", None)})

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> Any:
        """Ask before Django opens its transaction: a silent server must not hold the database."""
        if request.method == "POST" and "url" in request.POST:
            request.asked = self._asked(request, object_id)  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, *args, **kwargs)

    def _asked(self, request: HttpRequest, object_id: str | None) -> Answer | None:
        """What the typed address answers; None where there is nothing new to ask."""
        server = self.get_object(request, object_id) if object_id else None
        if (object_id and server is None) or not self._may_type(request, server):
            return None
        form = FreeServerForm(request.POST, instance=server)
        if not set(form.changed_data) - {"name", "enabled", "seats"} or not form.is_valid():
            return None
        return Answer(form)

    def _may_type(self, request: HttpRequest, server: Server | None) -> bool:
        """Whether name, address and access are for this person to type."""
        may = self.has_change_permission(request, server) if server else self.has_add_permission(request)
        return may and _is_free(server)

    def save_model(self, request: HttpRequest, obj: Server, form: Any, change: bool) -> None:
        if "url" in form.changed_data:
            obj.state, obj.reason = ServerState.UNKNOWN, ""  # what is known was said by another
            obj.was_configured = False
        super().save_model(request, obj, form, change)
        deed = "server.change" if change else "server.add"
        audit(request, deed, f"server {obj.name}", words=", ".join(form.changed_data))
        answer: Answer | None = form.answer
        if answer is None:
            return
        if answer.fault is not None:
            words = f"{answer.fault} It is saved, and checked again every few seconds."
            self.message_user(request, words, messages.WARNING)
            return
        count = len(answer.facts["checkpoints"])  # type: ignore[arg-type]
        words = f"ComfyUI {answer.facts['version']} answers there, with {counted(count, 'model')}."
        self.message_user(request, words, messages.SUCCESS)

    # --- What may be done to which row ---

    def has_change_permission(self, request: HttpRequest, obj: Server | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and _is_simulator(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Server | None = None) -> bool:
        """One by one, and only what nobody needs: work under way would lose the way to its prompt."""
        if obj is None or not _is_free(obj) or not super().has_delete_permission(request, obj):
            return False
        mine = Generation.objects.filter(server=obj)
        return not (mine.filter(UNDER_WAY).exists() or mine.filter(SENT).exists())

    def delete_model(self, request: HttpRequest, obj: Server) -> None:
        super().delete_model(request, obj)
        audit(request, "server.delete", f"server {obj.name}", words=obj.url)

    @admin.action(description="Switch on", permissions=["change"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Server]) -> None:
        self._switch(request, queryset, on=True)

    @admin.action(description="Switch off (finishes current work)", permissions=["change"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Server]) -> None:
        self._switch(request, queryset, on=False)

    @admin.action(description="Check now", permissions=["change"])
    def ask_again(self, request: HttpRequest, queryset: QuerySet[Server]) -> None:
        """What the engine does every ten seconds, at once."""
        for server, fault in probe_now(list(queryset)):
            if fault is None:
                self.message_user(request, f"Checked {server}: it is responding.", messages.SUCCESS)
            else:
                self.message_user(request, f"Checked {server}: {fault}", messages.WARNING)

    def _switch(self, request: HttpRequest, queryset: QuerySet[Server], *, on: bool) -> None:
        for server in queryset:
            if _is_simulator(server):
                words = f"{SIMULATOR_NAME} is switched by TEST_MODE, not here."
                self.message_user(request, words, messages.ERROR)
            elif Server.objects.filter(pk=server.pk, enabled=not on).update(enabled=on):
                word = "on" if on else "off"
                audit(request, f"server.switch_{word}", f"server {server.name}")
                self.message_user(request, f"Switched {word}: {server}.", messages.SUCCESS)

    # --- What is shown ---

    @admin.display(description="From")
    def origin(self, server: Server) -> str:
        if _is_simulator(server):
            return "built in; TEST_MODE switches it"
        return "COMFYUI_URLS: name, address and access are set there" if server.configured else "this page"

    @admin.display(description="Stored")
    def stored(self, server: Server) -> str:
        words = ("a token", "user and password", "headers", "a CA")
        kinds = zip(("token", "login", "headers", "ca"), words, strict=True)
        return ", ".join(words for kind, words in kinds if _has(kind, server)) or "nothing"

    @admin.display(description="Seats taken")
    def taken(self, server: Server) -> str:
        return f"{getattr(server, 'seats_taken', 0)} of {server.seats}"

    @admin.display(description="Pace", ordering="pace")
    def pace_shown(self, server: Server) -> str:
        return f"{server.pace:.1f} s a picture" if server.pace else "–"

    @admin.display(description="Paused for", ordering="paused_until")
    def paused(self, server: Server) -> str:
        left = (server.paused_until - timezone.now()) if server.paused_until else timedelta(0)
        return f"{left.total_seconds():.0f} s more" if left > timedelta(0) else "–"

    @admin.display(description="Missing nodes")
    def missing(self, server: Server) -> str:
        return ", ".join(server.missing_nodes) or "none"

    @admin.display(description="Models")
    def models(self, server: Server) -> str:
        return ", ".join(server.checkpoints) or "none"


def _has(kind: str, server: Server) -> bool:
    return any(getattr(server, name) for name in SECRETS[kind])


def _fields(kind: str, server: Server | None) -> tuple[str, ...]:
    """What is typed, and where something is stored the tick that removes it."""
    return (*SECRETS[kind], *((f"forget_{kind}",) if server and _has(kind, server) else ()))


def _is_simulator(server: Server) -> bool:
    return server.name == SIMULATOR_NAME


def _is_free(server: Server | None) -> bool:
    """Whether name, address and access are typed here."""
    return server is None or not (server.configured or _is_simulator(server))


@admin.register(Workflow)
class WorkflowAdmin(Record[Workflow]):
    list_display = ("name", "version", "workspace", "created_at")
    list_filter = (("workspace", Places),)
    list_select_related = ("workspace",)
    search_fields = ("name",)
    search_help_text = "A name, or a whole uid"
    fields = ("uid", "name", "version", "workspace", "created_at", "definition_text")

    @admin.display(description="Graph")
    def definition_text(self, workflow: Workflow) -> Any:
        return as_text(workflow.definition)
