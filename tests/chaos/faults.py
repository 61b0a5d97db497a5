"""The faults of a storm. Each proves that it hit before it counts: work was held, a socket was cut, a line was dead."""

import signal
from collections.abc import Callable
from contextlib import suppress

import httpx
import psycopg

from tests.chaos.processes import Engine, Member, SimulatorProcess, family, send
from tests.chaos.rows import Row
from tests.chaos.storm import Blow, Storm

GRACE = 20.0  # seconds in which a process that is told to stop has to be gone


def _busiest(storm: Storm) -> tuple[Engine, list[Row]] | None:
    """The working process that holds most, as long as another one is left."""
    able = [
        member for member in storm.stage.engines if member.runs and not member.frozen and not member.leaving
    ]
    if not able or (len(storm.stage.engines) > 1 and len(able) < 2):
        return None
    found = max(((member, storm.held_by(member)) for member in able), key=lambda pair: len(pair[1]))
    return found if found[1] else None


def kill_worker(storm: Storm) -> Blow | None:
    if (found := _busiest(storm)) is None:
        return None
    member, held = found
    member.kill()
    storm.later(1.0, member.begin)
    return storm.blow("kill -9", member, f"it held {len(held)}", held)


def stop_worker(storm: Storm) -> Blow | None:
    if (found := _busiest(storm)) is None:
        return None
    member, held = found
    blow = storm.blow("SIGTERM", member, f"it held {len(held)}", held)
    member.signal(signal.SIGTERM)
    member.leaving = True
    storm.later(0.1, _until_gone(storm, member, blow))
    return blow


def _until_gone(storm: Storm, member: Member, blow: Blow) -> Callable[[], None]:
    def look() -> None:
        code, took = member.exit_code(), storm.now - blow.at
        if code is None:
            assert took < GRACE, f"{member} does not stop: {member.words[-2000:]}"
            storm.later(0.1, look)
            return
        assert code == 0, f"{member} ended with {code}: {member.words[-2000:]}"
        blow.proof += f", exit 0 after {took:.1f} s"
        member.begin()

    return look


def freeze_worker(storm: Storm) -> Blow | None:
    """Longer than its lease: it wakes up as a zombie, whose writes must change nothing."""
    if any(member.frozen for member in storm.stage.engines) or (found := _busiest(storm)) is None:
        return None
    member, held = found
    member.freeze()
    seconds = 18.0 + storm.rng.random() * 4
    storm.later(seconds, member.thaw)
    return storm.blow("freeze", f"{member} for {seconds:.0f} s", f"it held {len(held)}", held)


def _busy_simulator(storm: Storm) -> tuple[SimulatorProcess, list[str]] | None:
    able = [one for one in storm.stage.simulators if one.runs]
    storm.rng.shuffle(able)
    for one in able if len(able) > 1 else []:
        with suppress(httpx.HTTPError):
            if running := one.running():
                return one, [*running, *one.pending()]
    return None


def _waiting_there(storm: Storm, ids: list[str]) -> list[Row]:
    if storm.database_is_away:
        return []
    return [row for row in storm.stage.rows.held() if row.prompt_id in ids]


def kill_server(storm: Storm) -> Blow | None:
    if (found := _busy_simulator(storm)) is None:
        return None
    server, ids = found
    held = _waiting_there(storm, ids)
    server.kill()
    storm.later(2.0, server.begin)
    return storm.blow("kill -9", server, f"{len(ids)} prompts were there", held)


def empty_server(storm: Storm) -> Blow | None:
    if (found := _busy_simulator(storm)) is None:
        return None
    server, ids = found
    held = _waiting_there(storm, ids)
    server.tell("restart_empty")
    return storm.blow("empty restart", server, f"{len(ids)} prompts were there", held)


def cut_sockets(storm: Storm) -> Blow | None:
    if (found := _busy_simulator(storm)) is None or not (hit := found[0].tell("cut_sockets")):
        return None
    return storm.blow("cut", f"the sockets of {found[0]}", f"{hit} were open, {len(found[1])} prompts there")


def deafen_sockets(storm: Storm) -> Blow | None:
    if (found := _busy_simulator(storm)) is None or not (hit := found[0].tell("deaf_socket")):
        return None
    return storm.blow(
        "deafen", f"the sockets of {found[0]}", f"{hit} were open, {len(found[1])} prompts there"
    )


def go_silent(storm: Storm) -> Blow | None:
    if (found := _busy_simulator(storm)) is None:
        return None
    server, ids = found
    server.tell("go_silent")

    def heal() -> None:
        with suppress(httpx.HTTPError):  # it may be dead at the moment, which heals it too
            server.tell("heal")

    storm.later(12.0, heal)
    return storm.blow("silence", f"{server} for 12 s", f"{len(ids)} prompts were there")


def kill_redis(storm: Storm) -> Blow | None:
    redis = storm.redis
    if (
        redis is None
        or storm.redis_is_away
        or storm.database_is_away
        or not (held := storm.stage.rows.held())
    ):
        return None
    redis.end(signal.SIGKILL)
    assert not redis.answers()
    storm.redis_is_away = True

    def back() -> None:
        redis.start()
        storm.redis_is_away = False

    storm.later(4.0, back)
    return storm.blow("kill -9", "Redis for 4 s", f"{len(held)} pictures were under way")


def restart_postgres(storm: Storm) -> Blow | None:
    postgres = storm.postgres
    if postgres is None or storm.database_is_away or not (held := storm.stage.rows.held()):
        return None
    blow = storm.blow("fast restart", "PostgreSQL", f"{len(held)} pictures were under way")
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as witness:
        witness.execute("SELECT 1")
        postgres.stop()
        postgres.start()
        try:
            witness.execute("SELECT 1")
        except psycopg.OperationalError:
            blow.proof += ", a connection was cut"
            return blow
    raise AssertionError("PostgreSQL restarted and cut no connection")


def freeze_postgres(storm: Storm) -> Blow | None:
    postgres = storm.postgres
    if postgres is None or storm.database_is_away or not (held := storm.stage.rows.held()):
        return None
    frozen = family(postgres.pid)
    send(frozen, signal.SIGSTOP)
    storm.database_is_away = True
    assert not postgres.answers(), "PostgreSQL answers although it is frozen"
    seconds = 5.0 + storm.rng.random() * 5

    def thaw() -> None:
        send(frozen, signal.SIGCONT)
        storm.database_is_away = False

    storm.later(seconds - 2, thaw)  # the question took two
    return storm.blow("freeze", f"PostgreSQL for {seconds:.0f} s", f"{len(held)} pictures were under way")


# The only process that works is not frozen here: with it all comes to rest, and nothing else could hit anything.
OF_ONE_PROCESS = (
    kill_worker,
    stop_worker,
    kill_server,
    kill_server,
    empty_server,
    cut_sockets,
    deafen_sockets,
    go_silent,
)
OF_MANY_PROCESSES = (*OF_ONE_PROCESS, freeze_worker, kill_redis, restart_postgres, freeze_postgres)
