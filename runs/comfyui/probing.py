"""Finding out what answers at an address: ComfyUI or not, which version, which of the two ways it speaks."""

from collections.abc import Mapping
from dataclasses import dataclass

from runs.comfyui.errors import ComfyError, ProtocolViolation
from runs.comfyui.http import Answer, Http
from runs.comfyui.protocol import Device, Dialect, Route, SystemStats


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What a probe found out. `simulated` is what the server says of itself."""

    version: str
    jobs_api: bool
    dialect: Dialect
    devices: tuple[Device, ...]
    simulated: bool


async def probe(http: Http) -> ServerInfo:
    """Ask for the statistics and for one job: servers without a job list speak the older way."""
    stats = await system_stats(http)
    answer = await http.get(Route.JOBS, {"limit": "1"}, also=(404, 405, 500))
    # 500: there is a job list, but somebody's prompt has poisoned it (D13).
    jobs_api = answer.status == 500 or (answer.status == 200 and is_object_with(answer, "jobs"))
    dialect = Dialect.V0_33 if jobs_api else Dialect.V0_3_64
    return ServerInfo(stats.version, jobs_api, dialect, stats.devices, stats.simulated)


async def system_stats(http: Http) -> SystemStats:
    """GET /system_stats; raises NotComfyUI where something else answers."""
    answer = await http.get(Route.SYSTEM_STATS)
    try:
        return SystemStats.parse(answer.json())
    except ProtocolViolation as error:
        raise answer.not_comfyui() from error


def is_object_with(answer: Answer, key: str) -> bool:
    """Whether the body is a JSON object with that key, which a proxy's own page is not."""
    try:
        body = answer.json()
    except ComfyError:
        return False
    return isinstance(body, Mapping) and key in body
