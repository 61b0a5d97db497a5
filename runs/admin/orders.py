"""Runs, their pictures and every step of their lives; stop, retry, and delete with files."""

from collections import Counter
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import ActionLocation
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString

from accounts.lists import AgeAt, AgeFilter, Places
from runs import deleting, lifecycle, pausing, pinning, retention, steering
from runs.admin.deleted import ask, told
from runs.admin.lists import FaultFilter
from runs.admin.record import Record, actor_of, as_text, audit, counted, kind, link_to_list
from runs.errors import NotAllowed
from runs.models import Generation, Run, Transition, deleted_runs
from runs.retention import Weight
from runs.states import Event

LONGEST = 300  # letters of a sentence with which somebody lets pictures fail
EVERYWHERE = [ActionLocation.CHANGE_LIST, ActionLocation.CHANGE_FORM]


@admin.register(Run)
class RunAdmin(Record[Run]):
    list_display = (
        "name",
        "status",
        "pinned",
        "kind",
        "workspace",
        "started_by",
        "pictures_total",
        "ads_total",
        "created_at",
        "ended_at",
    )
    list_filter = ("status", AgeFilter, "simulated", "pinned", ("workspace", Places))
    list_select_related = ("workspace", "started_by")
    search_fields = ("name",)
    search_help_text = "A name, or a whole uid of a run, brief or workspace"
    find_by = ("uid", "origin", "workspace__uid")
    actions = ("cancel", "pause", "go_on", "retry", "pin", "unpin", "delete_selected", "save_csv")
    fieldsets = (
        (None, {"fields": ("uid", "name", "workspace", "started_by", "origin", "workflow")}),
        ("Status", {"fields": ("status", "pinned", "kind", "pictures", "ads", "steps")}),
        ("When", {"fields": ("created_at", "started_at", "ended_at", "paused_at", "paused_by", "rested")}),
        ("The brief", {"fields": ("brief_text",)}),
    )

    @admin.display(description="Kind")
    def kind(self, run: Run) -> str:
        return kind(run.simulated)

    @admin.display(description="Pictures")
    def pictures(self, run: Run) -> SafeString:
        return link_to_list("generation", counted(run.pictures_total, "picture"), run__id__exact=run.pk)

    @admin.display(description="Ads")
    def ads(self, run: Run) -> SafeString:
        return link_to_list("creative", f"up to {counted(run.ads_total, 'ad')}", run__id__exact=run.pk)

    @admin.display(description="Steps")
    def steps(self, run: Run) -> SafeString:
        return link_to_list("transition", "full history", run__id__exact=run.pk)

    @admin.display(description="Brief")
    def brief_text(self, run: Run) -> SafeString:
        return as_text(run.spec)

    @admin.action(description="Stop", description_plural="Stop", permissions=["act"], location=EVERYWHERE)
    def cancel(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        for run in queryset.select_related("workspace"):
            count = lifecycle.cancel_run(run, actor=actor_of(request))
            if count:
                _note(request, "run.cancel", run, counted(count, "picture"))
            words = f"“{run}”: {counted(count, 'picture')} stopped." if count else f"“{run}” was not running."
            self.message_user(request, words, messages.SUCCESS if count else messages.INFO)

    @admin.action(description="Pause", description_plural="Pause", permissions=["act"], location=EVERYWHERE)
    def pause(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        for run in queryset.select_related("workspace"):
            try:
                done = pausing.pause(run, actor=actor_of(request))
            except NotAllowed as refusal:
                self.message_user(request, str(refusal), messages.INFO)
                continue
            if done:
                _note(request, "run.pause", run, "")
            self.message_user(request, f"“{run}” is paused.", messages.SUCCESS)

    @admin.action(description="Resume", description_plural="Resume", permissions=["act"], location=EVERYWHERE)
    def go_on(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        for run in queryset.select_related("workspace"):
            done = pausing.go_on(run)
            if done:
                _note(request, "run.resume", run, "")
            words = f"“{run}” resumed." if done else f"“{run}” was not paused."
            self.message_user(request, words, messages.SUCCESS if done else messages.INFO)

    @admin.action(
        description="Retry failed pictures",
        description_plural="Retry failed pictures",
        permissions=["act"],
        location=EVERYWHERE,
    )
    def retry(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        for run in queryset.select_related("workspace"):
            count = lifecycle.retry_failed(run, actor=actor_of(request))
            if count:
                _note(request, "run.retry", run, counted(count, "picture"))
            words = (
                f"“{run}”: {counted(count, 'picture')} tried again."
                if count
                else f"“{run}” has no failed pictures to retry."
            )
            self.message_user(request, words, messages.SUCCESS if count else messages.INFO)

    @admin.action(
        description="Pin (clean-ups skip it)",
        description_plural="Pin (clean-ups skip them)",
        permissions=["act"],
        location=EVERYWHERE,
    )
    def pin(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        self._pin(request, queryset, pinning.pin, "run.pin", "pinned", "already pinned")

    @admin.action(description="Unpin", description_plural="Unpin", permissions=["act"], location=EVERYWHERE)
    def unpin(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        self._pin(request, queryset, pinning.unpin, "run.unpin", "unpinned", "not pinned")

    def _pin(
        self, request: HttpRequest, queryset: QuerySet[Run], verb: Any, action: str, done: str, not_done: str
    ) -> None:
        for run in queryset.select_related("workspace"):
            changed = verb(run)
            if changed:
                _note(request, action, run, "")
            words = f"“{run}” is {done if changed else not_done}."
            self.message_user(request, words, messages.SUCCESS if changed else messages.INFO)

    def has_remove_permission(self, request: HttpRequest) -> bool:
        """Not by Django's own page, which would leave the files behind."""
        return request.user.has_perm("runs.delete_run")

    # Under the name of Django's own action, which would remove rows and leave the files: this one replaces it.
    @admin.action(description="Delete (can be restored for a while)", permissions=["remove"])
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[Run]) -> HttpResponse | None:
        runs = list(queryset.select_related("workspace"))
        weights = retention.weigh(runs)
        if not request.POST.get("post"):
            title = f"Delete runs: they can be brought back for {counted(deleting.kept_for().days, 'day')}"
            return ask(self, request, queryset, list(weights.values()), title)
        for run in runs:
            self._delete(request, run, weights[run.pk])
        return None

    def _delete(self, request: HttpRequest, run: Run, weight: Weight) -> None:
        try:
            deleting.delete(run, actor=actor_of(request))
        except NotAllowed as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return
        words, days = told(run, weight), deleting.kept_for().days
        _note(request, "run.delete", run, words)
        rest = f"{words} deleted. Restore within {counted(days, 'day')} under Deleted runs."
        self.message_user(request, rest, messages.SUCCESS)


class TransitionInline(admin.TabularInline):
    model = Transition
    fields = readonly_fields = ("at", "event", "before", "after", "attempt", "server", "actor", "words")
    verbose_name_plural = "History"
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Generation)
class GenerationAdmin(Record[Generation]):
    list_display = (
        "__str__",
        "run",
        "status",
        "shape",
        "server",
        "tries",
        "workspace",
        "created_at",
        "ended_at",
    )
    list_filter = ("status", AgeFilter, "server", "run__simulated", ("workspace", Places))
    list_select_related = ("run", "server", "workspace")
    search_fields = ("run__name",)
    search_help_text = "A run’s name, or a whole uid of a picture, run, prompt or workspace"
    find_by = ("uid", "run__uid", "workspace__uid", "prompt_id")  # the last has no index
    actions = ("cancel", "retry", "elsewhere", "give_up", "save_csv")
    inlines = (TransitionInline,)
    fieldsets = (
        (None, {"fields": ("uid", "run", "workspace", "status", "error", "results")}),
        ("Order", {"fields": ("shape", "width", "height", "seed", "product", "look", "variation")}),
        ("Words", {"fields": ("positive", "negative")}),
        ("Work", {"fields": ("server", "checkpoint", "prompt_id", "worker_id", "due_at", "priority")}),
        ("Progress", {"fields": ("attempt", "tries", "progress", "step", "cancel_requested")}),
        ("When", {"fields": ("created_at", "rendering_at", "rendered_at", "ended_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Generation]:
        return super().get_queryset(request).exclude(run__in=deleted_runs())

    @admin.display(description="Results")
    def results(self, generation: Generation) -> SafeString:
        return link_to_list("creative", "its ads", generation__id__exact=generation.pk)

    @admin.action(description="Stop", description_plural="Stop", permissions=["act"], location=EVERYWHERE)
    def cancel(self, request: HttpRequest, queryset: QuerySet[Generation]) -> None:
        self._act(request, queryset, lifecycle.cancel, "generation.cancel", "stopped")

    @admin.action(description="Retry", description_plural="Retry", permissions=["act"], location=EVERYWHERE)
    def retry(self, request: HttpRequest, queryset: QuerySet[Generation]) -> None:
        self._act(request, queryset, lifecycle.retry, "generation.retry", "tried again")

    @admin.action(
        description="Send to another server",
        description_plural="Send to another server",
        permissions=["act"],
        location=EVERYWHERE,
    )
    def elsewhere(self, request: HttpRequest, queryset: QuerySet[Generation]) -> None:
        verb, words = steering.send_elsewhere, "taken off their servers"
        self._act(request, queryset, verb, "generation.elsewhere", words)

    @admin.action(description="Mark as failed, with a reason", permissions=["act"])
    def give_up(self, request: HttpRequest, queryset: QuerySet[Generation]) -> HttpResponse | None:
        """Asks for the sentence first: whoever ordered the picture reads it."""
        words = request.POST.get("words", "").strip()[:LONGEST]
        if words:
            verb = partial(steering.give_up, words=words)
            self._act(request, queryset, verb, "generation.give_up", "marked as failed")
            return None
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": "Mark pictures as failed",
            "rows": list(queryset.values_list("pk", flat=True)),
            "missing": "post" in request.POST,
            "longest": LONGEST,
            "opts": self.opts,
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/runs/give_up.html", context)

    def _act(
        self, request: HttpRequest, queryset: QuerySet[Generation], verb: Any, action: str, words: str
    ) -> None:
        """One row of the trail a run, however many of its pictures were chosen."""
        chosen: dict[Run, list[Generation]] = {}
        for row in queryset.select_related("run__workspace", "server"):
            chosen.setdefault(row.run, []).append(row)
        counts = Counter({run: verb(rows, actor=actor_of(request)) for run, rows in chosen.items()})
        for run in filter(counts.get, counts):
            _note(request, action, run, counted(counts[run], "picture"))
        left = sum(map(len, chosen.values())) - counts.total()
        rest = f" Unchanged: {left}." if left else ""
        self.message_user(request, f"{counted(counts.total(), 'picture')} {words}.{rest}", messages.SUCCESS)


class EventFilter(admin.SimpleListFilter):
    """By what happened. Django's own filter would look through the whole table for what there is."""

    title = "event"
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(event.value, event.value.capitalize()) for event in Event]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Transition]) -> QuerySet[Transition]:
        return queryset.filter(event=self.value()) if self.value() else queryset


@admin.register(Transition)
class TransitionAdmin(Record[Transition]):
    list_display = ("at", "event", "generation", "run", "before", "after", "server", "actor", "words")
    list_filter = (EventFilter, FaultFilter, AgeAt, "run__simulated", ("run__workspace", Places))
    list_select_related = ("run", "generation")
    search_fields = ("run__name",)
    search_help_text = "A run’s name, or a whole uid of a picture, run or workspace"
    find_by = ("run__uid", "generation__uid", "run__workspace__uid")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Transition]:
        return super().get_queryset(request).exclude(run__in=deleted_runs())


def _note(request: HttpRequest, action: str, run: Run, words: str) -> None:
    audit(request, action, f"run {run.uid}", workspace=run.workspace, words=words)
