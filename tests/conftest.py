"""The cast: Alice owns, Bob shares, Charlie sees nothing. And a brief small enough for every test."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership, Role, User, Workspace
from runs import lifecycle
from runs.brief import BriefSpec, from_data
from runs.models import Run, Server
from runs.states import ServerState


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
