"""What can be known to be wrong before anything is started: asked by page, API and command alike."""

from runs.brief import BriefSpec
from runs.errors import BriefFault, BriefRefused
from runs.models import Server
from runs.states import ServerState


def check(spec: BriefSpec) -> None:
    """Raises BriefRefused when no server that answers has the model the brief names.

    A server that is down is no reason to refuse: the run waits for it, and its page says so.
    """
    wanted = spec.picture.checkpoint
    up = list(Server.objects.filter(enabled=True, state=ServerState.UP))
    if not wanted or not up or any(wanted in server.checkpoints for server in up):
        return
    known = sorted({name for server in up for name in server.checkpoints})
    words = f"The model “{wanted}” is on none of the GPU servers. Choose one of: {', '.join(known)}."
    raise BriefRefused([BriefFault(field="picture.checkpoint", words=words)])
