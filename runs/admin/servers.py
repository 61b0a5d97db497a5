"""GPU servers and the graphs they run. An address is asked before it is kept; a token is never shown again."""

import asyncio
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from runs.admin.record import Record, as_text, audit, counted
from runs.comfyui import ComfyError, Endpoint
from runs.engine.servers import SIMULATOR_NAME, ask
from runs.models import Generation, Server, Workflow
from runs.states import ACTIVE

MOST_SEATS = 16
FACTS = ("state", "reason", "version", "models", "simulated", "seen_at", "probed_at", "uid")


class ServerForm(forms.ModelForm):
    """Those who come from COMFYUI_URLS have no name, address or token here; see `ServerAdmin.get_fieldsets`."""

    seats = forms.IntegerField(
        min_value=1,
        max_value=MOST_SEATS,
        initial=2,
        help_text="How many pictures wait there: two keep the GPU busy, one painted and one ready.",
    )

    class Meta:
        model = Server
        fields: tuple[str, ...] = ("enabled", "seats")


class FreeServerForm(ServerForm):
    url = forms.CharField(label="Address", max_length=400, help_text="Such as http://192.168.1.20:8188")
    token = forms.CharField(
        required=False,
        max_length=400,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="For a server behind a proxy that wants a bearer token. Leave empty to keep the one that is stored.",
    )
    forget_token = forms.BooleanField(required=False, label="Remove the stored token")

    class Meta(ServerForm.Meta):
        fields = ("name", "url", "token", *ServerForm.Meta.fields)

    answer: "Answer | None" = None  # what the address said, asked before the form's transaction

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored_token = self.instance.token
        self.initial["token"] = ""  # what is stored is neither shown nor taken for what was typed

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if name == SIMULATOR_NAME:
            raise forms.ValidationError("This name belongs to the built-in simulator. Choose another.")
        return name

    def clean_url(self) -> str:
        typed = self.cleaned_data["url"]
        if "@" in typed:
            raise forms.ValidationError("Leave name and password out of the address; store a token instead.")
        try:
            return Endpoint(typed).url
        except ComfyError as fault:
            raise forms.ValidationError(str(fault)) from fault

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        kept = "" if data.get("token") or data.get("forget_token") else self.stored_token
        if kept and "url" in self.changed_data:
            words = "The stored token belongs to the old address. Type it again, or remove it."
            self.add_error("token", words)
        data["token"] = data.get("token") or kept
        if self.answer is not None and self.answer.fault is not None and self.answer.fault.permanent:
            self.add_error("url", str(self.answer.fault))
        return data


class Answer:
    """What a server said when it was asked: facts, or why not."""

    def __init__(self, server: Server) -> None:
        self.facts: dict[str, object] = {}
        self.fault: ComfyError | None = None
        try:
            self.facts, _ = asyncio.run(ask(server))
        except ComfyError as fault:
            self.fault = fault


@admin.register(Server)
class ServerAdmin(admin.ModelAdmin):
    list_display = ("name", "url", "state", "enabled", "seats", "version", "simulated", "reason", "seen_at")
    list_filter = ("state", "enabled", "simulated")
    search_fields = ("name", "url")
    show_full_result_count = False
    actions = ("switch_on", "switch_off")
    readonly_fields = ("origin", "token_stored", *FACTS)

    def get_fieldsets(self, request: HttpRequest, obj: Server | None = None) -> Any:
        """The token is only ever a field to type into: shown as text it would be readable."""
        token: tuple[str, ...] = ("token_stored",)
        if self._may_type(request, obj):
            token = ("token", *(("forget_token",) if obj and obj.token else ()))
        return (
            (None, {"fields": ("name", "url", *token, "origin") if obj else ("name", "url", *token)}),
            ("Work", {"fields": ("enabled", "seats")}),
            *((("What it says of itself", {"fields": FACTS}),) if obj else ()),
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
        if not {"url", "token", "forget_token"} & set(form.changed_data) or not form.is_valid():
            return None
        return Answer(Server(url=form.cleaned_data["url"], token=form.cleaned_data["token"]))

    def _may_type(self, request: HttpRequest, server: Server | None) -> bool:
        """Whether name, address and token are for this person to type."""
        may = self.has_change_permission(request, server) if server else self.has_add_permission(request)
        return may and _is_free(server)

    def save_model(self, request: HttpRequest, obj: Server, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        deed = "server.change" if change else "server.add"
        audit(request, deed, f"server {obj.name}", words=", ".join(form.changed_data))
        answer: Answer | None = form.answer
        if answer is None:
            return
        if answer.fault is not None:
            words = f"{answer.fault} It is kept and asked again every few seconds."
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
        return not Generation.objects.filter(server=obj, status__in=sorted(ACTIVE)).exists()

    def delete_model(self, request: HttpRequest, obj: Server) -> None:
        super().delete_model(request, obj)
        audit(request, "server.delete", f"server {obj.name}", words=obj.url)

    @admin.action(description="Switch on", permissions=["change"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Server]) -> None:
        self._switch(request, queryset, on=True)

    @admin.action(description="Switch off: finish what runs, send nothing new", permissions=["change"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Server]) -> None:
        self._switch(request, queryset, on=False)

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
        return "COMFYUI_URLS: name, address and token are set there" if server.configured else "this page"

    @admin.display(description="Token", boolean=True)
    def token_stored(self, server: Server) -> bool:
        return bool(server.token)

    @admin.display(description="Models")
    def models(self, server: Server) -> str:
        return ", ".join(server.checkpoints) or "none"


def _is_simulator(server: Server) -> bool:
    return server.name == SIMULATOR_NAME


def _is_free(server: Server | None) -> bool:
    """Whether name, address and token are typed here."""
    return server is None or not (server.configured or _is_simulator(server))


@admin.register(Workflow)
class WorkflowAdmin(Record[Workflow]):
    list_display = ("name", "version", "workspace", "created_at")
    list_filter = ("workspace",)
    list_select_related = ("workspace",)
    search_fields = ("name",)
    search_help_text = "A name, or a whole uid"
    fields = ("uid", "name", "version", "workspace", "created_at", "definition_text")

    @admin.display(description="Graph")
    def definition_text(self, workflow: Workflow) -> Any:
        return as_text(workflow.definition)
