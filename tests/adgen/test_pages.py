"""A page is made in one thread, from its first middleware to its last; static files need none."""

import threading
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.module_loading import import_string

from adgen.pages import Http

threads: list[int] = []


def noting(get_response: Any) -> Any:
    """A middleware that says in which thread it works."""

    def middleware(request: HttpRequest) -> Any:
        threads.append(threading.get_ident())
        response = get_response(request)
        threads.append(threading.get_ident())
        return response

    return middleware


def page(request: HttpRequest) -> HttpResponse:
    threads.append(threading.get_ident())
    return HttpResponse("here")


urlpatterns = [path("page", page)]


async def ask(where: str) -> tuple[int, bytes]:
    scope = {"type": "http", "method": "GET", "path": where, "headers": [(b"host", b"localhost")]}
    communicator = ApplicationCommunicator(Http(), scope)
    await communicator.send_input({"type": "http.request", "body": b""})
    begun, body = await communicator.receive_output(10), await communicator.receive_output(10)
    await communicator.wait()
    return begun["status"], body["body"]


@pytest.fixture(autouse=True)
def one_page(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [f"{__name__}.noting", *settings.MIDDLEWARE, f"{__name__}.noting"]
    threads.clear()


@pytest.mark.django_db(transaction=True)
async def test_a_page_is_made_in_one_thread_beside_the_event_loop() -> None:
    assert await ask("/page") == (200, b"here")
    assert len(threads) == 5 and len(set(threads)) == 1
    assert threads[0] != threading.get_ident()


async def test_static_files_are_served_beside_the_pages(settings: Any) -> None:
    settings.SERVESTATIC_USE_FINDERS = True  # nothing has to be collected first
    settings.SERVESTATIC_AUTOREFRESH = True
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "noting" not in name]
    status, body = await ask("/static/icons.svg")
    assert status == 200 and body.startswith(b"<svg")


def test_every_middleware_lets_static_files_through_without_a_thread(settings: Any) -> None:
    """One that can only wait would take them from the loop, where alone they are served."""
    ours = [name for name in settings.MIDDLEWARE if name != f"{__name__}.noting"]
    assert [name for name in ours if not getattr(import_string(name), "async_capable", False)] == []
