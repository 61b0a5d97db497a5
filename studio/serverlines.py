"""How the run page speaks of one GPU server: what it does now, or why it does nothing."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from runs.models import Server
from runs.obstacles import is_paused, what_ails
from runs.states import ServerState


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLine:
    name: str
    icon: str
    kind: str
    words: str
    percent: int | None


_LOOKS = {
    ServerState.UNKNOWN: ("server", ""),
    ServerState.UP: ("server", "g"),
    ServerState.SLOW: ("hourglass", "w"),
    ServerState.STALLED: ("triangle-alert", "w"),
    ServerState.DOWN: ("wifi-off", "b"),
}


def server_line(server: Server, painting: tuple[str, int] | None, *, busy: bool) -> ServerLine:
    """`painting` is what it paints of the run that is looked at, `busy` that it has pictures of the studio at all."""
    words, percent = painting or (_idle_words(server, busy), None)
    if not server.enabled:
        words = _("Switched off; finishing its current work. %(words)s") % {
            "words": words if painting else ""
        }
    icon, kind = _look(server)
    return ServerLine(name=server.name, icon=icon, kind=kind, words=words.strip(), percent=percent)


def _look(server: Server) -> tuple[str, str]:
    if not server.enabled:
        return "server", ""
    if server.is_up and server.missing_nodes:
        return "triangle-alert", "w"
    if server.is_up and is_paused(server):
        return "pause", "w"
    return _LOOKS[ServerState(server.state)]


def _idle_words(server: Server, busy: bool) -> str:
    match ServerState(server.state):
        case ServerState.UNKNOWN:
            return _("Not checked yet")
        case ServerState.DOWN | ServerState.STALLED:
            return server.reason or _("Not responding")
        case ServerState.UP | ServerState.SLOW:
            return _working_words(server, busy)


def _working_words(server: Server, busy: bool) -> str:
    if ails := what_ails(server):
        return ails
    said = server.reason if server.state == ServerState.SLOW else ""
    if server.others:
        words = ngettext("Busy with %(n)d other job", "Busy with %(n)d other jobs", server.others)
        doing = words % {"n": server.others}
    else:
        doing = _("Busy with other pictures") if busy else _("Free")
    return f"{doing}. {said}" if said else doing
