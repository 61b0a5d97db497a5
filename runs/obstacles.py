"""Why a run does not move, in sentences that say what to do: for its page, the API and the command line alike."""

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from runs import quotas
from runs.kinds import servers_for
from runs.models import Generation, Run, Server
from runs.models.spelling import UNDER_WAY
from runs.states import SEATED, ServerState, Status

MOST_REASONS = 3  # a sentence for each of twenty servers is read by nobody


def waits_for(run: Run, able: Iterable[Server] | None = None) -> str:
    """Empty while a server can take a picture of this run; `able` are the servers of its kind, where they are known."""
    servers = list(servers_for(run) if able is None else able)
    if not servers:
        return _without_server(run)
    named = str(run.spec["picture"]["checkpoint"])
    without_model = [server for server in servers if not _ails(server)]
    if any(server.checkpoint_for(named) for server in without_model):
        return ""
    if without_model:
        return _missing_model(named, without_model)
    ailing = [server for server in servers if server.state != ServerState.UNKNOWN]
    reasons = " ".join(filter(None, (what_ails(server) for server in ailing[:MOST_REASONS])))
    if not reasons:
        return ""  # not asked yet: known within seconds
    if all(server.state == ServerState.DOWN for server in ailing):
        words = _("No GPU server is responding. %(reasons)s The run resumes by itself as soon as one does.")
    else:
        words = _(
            "No GPU server can take a picture now. %(reasons)s The run resumes by itself as soon as one can."
        )
    return words % {"reasons": reasons}


def _ails(server: Server) -> bool:
    return not server.is_up or is_paused(server) or bool(server.missing_nodes)


def is_able(server: Server) -> bool:
    """Whether it takes pictures now, those of a brief that names no model."""
    return not _ails(server) and server.checkpoint_for("") is not None


def is_paused(server: Server) -> bool:
    """Whether it gets nothing for a while, after several failures in a row."""
    return server.paused_until is not None and server.paused_until > timezone.now()


def what_ails(server: Server) -> str:
    """Why this server takes no picture, as a sentence that names it; empty where it is not its own fault."""
    told = {"server": server.name, "reason": server.reason}
    if server.state == ServerState.DOWN:
        return server.reason  # the sentences about silence name the address
    if server.state == ServerState.STALLED:
        return _("%(server)s is stuck. %(reason)s") % told
    if server.missing_nodes:
        words = ngettext(
            "%(server)s lacks the node %(nodes)s. Update ComfyUI there.",
            "%(server)s lacks the nodes %(nodes)s. Update ComfyUI there.",
            len(server.missing_nodes),
        )
        return words % (told | {"nodes": ", ".join(server.missing_nodes)})
    if is_paused(server):
        words = _("%(server)s failed %(n)d times in a row. It gets another try after a pause.")
        return words % (told | {"n": server.failures})
    return ""


def _without_server(run: Run) -> str:
    if run.simulated:
        return _(
            "This run started in test mode, which is now off. Stop it and start it again for real pictures."
        )
    return _("There is no GPU server. Name one in COMFYUI_URLS or add it in the admin, and the run resumes.")


def _missing_model(named: str, servers: list[Server]) -> str:
    names = ", ".join(server.name for server in servers)
    wanted = next((name for server in servers if (name := server.wanted_checkpoint(named))), "")
    if not wanted:
        words = _("There is no model on %(servers)s. Put one into its models/checkpoints folder.")
        return words % {"servers": names}
    words = _(
        "The model “%(model)s” is missing on %(servers)s. Add it there, or start again with another model."
    )
    return words % {"model": wanted, "servers": names}


def held_back(run: Run) -> str:
    """That the workspace uses as much as it may, where that is why pictures of this run wait."""
    if run.is_paused:
        return ""
    most = quotas.most_running([run.workspace_id])[run.workspace_id]
    if most == quotas.NO_LIMIT or not run.generations.filter(status=Status.WAITING).exists():
        return ""
    seated = Generation.objects.filter(
        UNDER_WAY, workspace=run.workspace_id, status__in=sorted(SEATED)
    ).count()
    if seated < most:
        return ""
    words = ngettext(
        "Your workspace already has %(n)d picture on the servers, its limit. The others will follow.",
        "Your workspace already has %(n)d pictures on the servers, its limit. The others will follow.",
        seated,
    )
    return words % {"n": seated}
