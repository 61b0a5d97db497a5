"""The cast: Alice owns, Bob shares, Charlie sees nothing. And a brief small enough for every test."""

import fcntl
import os
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from time import time
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.files.storage import Storage
from django.test import Client
from PIL import Image

from accounts.models import ApiToken, Membership, Role, User, Workspace
from accounts.pace import Pace
from runs import leases, lifecycle, storage
from runs.brief import AdPlan, BriefSpec, from_data, plan_ads
from runs.formats import Shape
from runs.models import Creative, Generation, Picture, Run, Server
from runs.states import AdState, Event, ServerState
from tests import services
from tests.browser.processes import Studio, collect_static

# These stand on PostgreSQL as the studio's own database: `make test-services` runs them.
_OF_WORKERS = [
    "adgen/test_worker_tasks.py",
    "runs/engine/test_worker.py",
    "runs/engine/test_workers_seen.py",
    "runs/test_locks.py",
]
collect_ignore = [] if settings.POSTGRES else _OF_WORKERS

# By what they take, the longest first.
SLOW = [
    "test_services_away.py",
    "test_journey.py",
    "test_run_page.py",
    "test_pages.py",
    "test_generate.py",
    "test_engine.py",
    "test_generate_cut.py",
    "test_life_machine.py",
    "test_serving.py",
    "test_behaviour.py",
    "test_layout.py",
    "test_compose.py",
    "test_product_picture.py",
    "test_product.py",
    "test_own_faults.py",
    "test_settings.py",
    "test_container.py",
    "test_servers.py",
]


def brief_data(**changes: Any) -> dict[str, Any]:
    """Two pictures (square and story), two ads."""
    return {
        "name": "Cold brew",
        "products": [{"name": "Can", "description": "a slim can"}],
        "messages": [{"headline": "Slow brewed. Fast gone.", "line": "18 hours cold.", "button": "Try it"}],
        "formats": ["meta_feed_square", "meta_story"],
        "picture": {"steps": 2, "pixels": 65536},
        **changes,
    }


def brief(**changes: Any) -> BriefSpec:
    return from_data(brief_data(**changes))


def make_server(name: str = "gpu-1", **changes: Any) -> Server:
    facts = {"url": f"http://{name}.test", "state": ServerState.UP, "checkpoints": ["base.safetensors"]}
    return Server.objects.create(name=name, **(facts | changes))


def make_png(width: int = 8, height: int = 8, colour: str = "#c65a38") -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "PNG")
    return out.getvalue()


def begin(generation: Generation, server: Server, worker: str = "test-worker") -> Generation:
    """Assigned to the server and held by a worker."""
    lifecycle.assign(generation, server, "base.safetensors")
    held = leases.take(generation.pk, worker)
    assert held is not None
    return held


def finish(run: Run, server: Server | None = None) -> Run:
    """Every picture of the run is painted and all its ads are made, with small files in the storage."""
    server = server or Server.objects.filter(name="gpu-1").first() or make_server()
    for generation in run.generations.all():
        finish_one(generation, server)
    run.refresh_from_db()
    return run


def finish_one(generation: Generation, server: Server) -> None:
    """This picture is painted and its ads are made."""
    held = begin(generation, server)
    picture = picture_of(held, server)
    lifecycle.rendered(held, picture, worker=held.worker_id)
    plans = plan_ads(held.run.brief, held.product, Shape(held.shape))
    lifecycle.composed(held, [make_ad(held, picture, ad) for ad in plans], worker=held.worker_id)


def fail(run: Run, words: str = "gpu-1 has no such model.") -> Run:
    """Every picture of the run that can still fail has failed."""
    for generation in run.generations.all():
        lifecycle.advance(generation, Event.FAIL, words=words, error=words)
    run.refresh_from_db()
    return run


def picture_of(generation: Generation, server: Server) -> Picture:
    data = make_png()
    key = storage.picture_key(generation.run.workspace.uid, generation.uid, generation.attempt)
    return Picture(
        workspace_id=generation.workspace_id,
        generation=generation,
        attempt=generation.attempt,
        key=key,
        sha256=storage.put(key, data),
        width=8,
        height=8,
        bytes=len(data),
        simulated=server.simulated,
        server=server.name,
    )


def make_ad(
    generation: Generation, picture: Picture, ad: AdPlan, state: AdState = AdState.READY, words: str = ""
) -> Creative:
    """An ad as typesetting leaves it: one that does not fit has no file."""
    row = Creative(
        workspace_id=generation.workspace_id,
        run=generation.run,
        generation=generation,
        picture=picture,
        message=ad.message,
        format=ad.format,
        language=ad.language,
        twin=ad.twin,
        copy={"headline": "Slow brewed. Fast gone."},
        brand=generation.run.spec["brand"],
        focus=[0.5, 0.6],
        state=state,
        words=words,
        mime="image/png",
        simulated=picture.simulated,
    )
    if state == AdState.READY:
        data = make_png(12, 12)
        name = f"{ad.format}-m{ad.message + 1}-{ad.language}{'-notext' if ad.twin else ''}-r1"
        row.key = storage.ad_key(
            generation.run.workspace.uid, generation.uid, name, storage.digest(data), "png"
        )
        row.sha256, row.bytes = storage.put(row.key, data), len(data)
    return row


def keep_files_in(storage: type[Storage], settings: Any) -> None:
    """Files are kept by such a storage for the rest of the test."""
    backend = f"{storage.__module__}.{storage.__qualname__}"
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": backend}}


def use_up(rule: Pace, who: object) -> None:
    """In the next window too: that of now may end before the test does."""
    for ahead in (0, rule.window):
        for _ in range(rule.most):
            rule.is_over(who, time() + ahead)


def make_token(workspace: Workspace, user: User, **extra: Any) -> str:
    return ApiToken.issue(workspace, user, "tests", **extra)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow files first: the last file to begin is then a quick one, and no worker waits long for the other."""
    order = {name: place for place, name in enumerate(SLOW)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))


@pytest.fixture(scope="session")
def static_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collected styles and scripts."""
    return _made_once(tmp_path_factory, "static", collect_static)


@pytest.fixture(scope="session")
def ground(static_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated `var` with the demo, which every studio starts from."""
    return _made_once(tmp_path_factory, "var", lambda folder: Studio(folder, static_files).set_up())


def _made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """This folder, made by the first of all the workers who asks for it."""
    own = factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder, ready = shared / name, shared / f"{name}.ready"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            make(folder)
            ready.touch()
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[services.Postgres]:
    """A PostgreSQL of this test session alone; who stops it starts it again."""
    if services.find_postgres() is None:
        services.without("postgresql")
    running = services.Postgres().start()
    yield running
    running.close()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[services.Redis]:
    """A Redis of this test session alone; who stops it starts it again."""
    if services.find_redis() is None:
        services.without("redis-server")
    running = services.Redis().start()
    yield running
    running.close()


@pytest.fixture
def workspace(db: None) -> Workspace:
    return Workspace.objects.create(name="Nordlys")


def _person(name: str, workspace: Workspace, role: Role | None) -> User:
    user = User.objects.create_user(f"{name}@example.com", first_name=name.capitalize())
    if role:
        Membership.objects.create(workspace=workspace, user=user, role=role)
    return user


@pytest.fixture
def alice(workspace: Workspace) -> User:
    return _person("alice", workspace, Role.OWNER)


@pytest.fixture
def bob(workspace: Workspace) -> User:
    return _person("bob", workspace, Role.VIEWER)


@pytest.fixture
def charlie(workspace: Workspace) -> User:
    """Owns another workspace; this one does not exist for him."""
    return _person("charlie", Workspace.objects.create(name="Elsewhere"), Role.OWNER)


@pytest.fixture
def run(workspace: Workspace, alice: User) -> Run:
    return lifecycle.start(workspace, alice, brief())


@pytest.fixture
def finished(run: Run) -> Run:
    """Two pictures, two ads, all with files."""
    return finish(run)


@pytest.fixture
def as_alice(alice: User) -> Client:
    return _signed_in(alice)


@pytest.fixture
def as_bob(bob: User) -> Client:
    return _signed_in(bob)


@pytest.fixture
def as_charlie(charlie: User) -> Client:
    return _signed_in(charlie)


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def admin(db: None) -> Client:
    """Somebody who runs the studio, and belongs to no workspace."""
    return _signed_in(User.objects.create_superuser("chief@example.com"))


@pytest.fixture
def onlooker(db: None) -> Client:
    """Staff who may look at everything and change nothing."""
    user = User.objects.create_user("onlooker@example.com", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    return _signed_in(user)
