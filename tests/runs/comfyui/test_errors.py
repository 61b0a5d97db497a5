"""Errors: every failure of the libraries below us becomes one of ours, and each says what to do."""

import inspect
import ssl
from collections.abc import Iterator

import httpx
import pytest
import websockets.exceptions
from websockets.datastructures import Headers
from websockets.http11 import Response

from runs.comfyui import errors
from runs.comfyui.errors import ComfyError, refused
from runs.comfyui.prompts import NodeError, PromptRefusal, Refusal
from runs.comfyui.translation import RAISED, translated

URL = "http://gpu.example:8188"


def exceptions_of(module: object) -> Iterator[type[BaseException]]:
    for name in sorted(vars(module).get("__all__") or dir(module)):
        member = getattr(module, name)
        if isinstance(member, type) and issubclass(member, BaseException):
            yield member


def made(kind: type[BaseException]) -> BaseException:
    """An instance without calling the constructor, whose arguments differ from class to class."""
    return kind.__new__(kind)


@pytest.mark.parametrize("kind", [*exceptions_of(httpx), *exceptions_of(websockets.exceptions)])
def test_every_exception_of_httpx_and_websockets_is_mapped(kind: type[BaseException]) -> None:
    if kind is websockets.exceptions.InvalidStatus:
        return  # judged by its status, below
    assert issubclass(kind, RAISED)
    error = translated(made(kind), URL)
    assert isinstance(error, ComfyError)
    assert URL in str(error)


@pytest.mark.parametrize(
    ("kind", "ours"),
    [
        (httpx.ConnectError, errors.ServerUnreachable),
        (httpx.ConnectTimeout, errors.ServerUnreachable),
        (httpx.ReadTimeout, errors.ServerTimeout),
        (httpx.PoolTimeout, errors.ServerTimeout),
        (httpx.ReadError, errors.ServerUnreachable),
        (httpx.DecodingError, errors.ProtocolViolation),
        (httpx.InvalidURL, errors.BadAddress),
        (websockets.exceptions.ConnectionClosedError, errors.ServerUnreachable),
        (websockets.exceptions.InvalidUpgrade, errors.NotComfyUI),
        (websockets.exceptions.PayloadTooBig, errors.ProtocolViolation),
        (TimeoutError, errors.ServerTimeout),
        (ConnectionRefusedError, errors.ServerUnreachable),
        (EOFError, errors.ServerUnreachable),
    ],
)
def test_the_nearest_of_our_errors_is_chosen(kind: type[BaseException], ours: type[ComfyError]) -> None:
    assert type(translated(made(kind), URL)) is ours


@pytest.mark.parametrize(
    ("status", "ours"),
    [
        (200, errors.NotComfyUI),
        (302, errors.NotComfyUI),
        (401, errors.AccessRefused),
        (403, errors.AccessRefused),
        (404, errors.NotComfyUI),
        (408, errors.ServerTimeout),
        (413, errors.TooLarge),
        (429, errors.ServerFault),
        (502, errors.ServerFault),
    ],
)
def test_a_refused_handshake_is_judged_by_its_status(status: int, ours: type[ComfyError]) -> None:
    refusal = websockets.exceptions.InvalidStatus(Response(status, "", Headers()))
    assert type(translated(refusal, URL)) is ours


def test_an_untrusted_certificate_asks_for_the_ca() -> None:
    error = httpx.ConnectError("")
    error.__cause__ = ssl.SSLCertVerificationError()
    assert "Store its CA" in str(translated(error, URL))


def test_something_that_does_not_speak_http_is_not_comfyui() -> None:
    error = httpx.RemoteProtocolError("illegal status line: bytearray(b'SSH-2.0-OpenSSH_9.2')")
    assert type(translated(error, URL)) is errors.NotComfyUI


OURS = [
    member
    for _, member in inspect.getmembers(errors, inspect.isclass)
    if issubclass(member, ComfyError) and member.__init__ is ComfyError.__init__
]


@pytest.mark.parametrize("kind", OURS)
def test_every_error_says_a_sentence_of_its_own(kind: type[ComfyError]) -> None:
    assert str(kind()) == inspect.cleandoc(kind.__doc__ or "")
    assert str(kind("Because.")) == "Because."
    assert str(kind()).endswith(".")


def test_the_tree_at_the_top_names_every_error() -> None:
    named = errors.__doc__ or ""
    classes = [
        name for name, member in inspect.getmembers(errors, inspect.isclass) if issubclass(member, ComfyError)
    ]
    assert [name for name in classes if name not in named] == []


def test_what_trying_again_can_mend_is_not_permanent() -> None:
    passing = {kind.__name__ for kind in OURS if not kind.permanent}
    assert passing == {
        "ComfyError",
        "ServerUnreachable",
        "ServerTimeout",
        "ServerFault",
        "OutputMissing",
        "BadOutput",
    }


def fault(**changes: object) -> NodeError:
    fields: dict[str, object] = {
        "node_id": "1",
        "class_type": "CheckpointLoaderSimple",
        "type": "value_not_in_list",
        "message": "Value not in list",
        "input_name": "ckpt_name",
        "received_value": "nope.safetensors",
    }
    return NodeError(**(fields | changes))  # type: ignore[arg-type]


def test_a_missing_model_names_itself_and_the_first_of_those_there_are() -> None:
    refusal = PromptRefusal(Refusal("", ""), (fault(),))
    error = refused(URL, refusal, tuple(f"{letter}.safetensors" for letter in "abcdefg"))
    assert isinstance(error, errors.MissingModel)
    assert str(error) == (
        f"{URL} has no model “nope.safetensors”. It has: a.safetensors, b.safetensors, c.safetensors, "
        "d.safetensors, e.safetensors and 2 more. Choose another, or install the file there."
    )
    assert error.node_errors == refusal.node_errors


def test_any_other_fault_is_told_with_its_node() -> None:
    refusal = PromptRefusal(
        Refusal("", ""), (fault(type="value_bigger_than_max", message="Too big", details="steps"),)
    )
    error = refused(URL, refusal)
    assert type(error) is errors.PromptRefused
    assert str(error) == (
        f"{URL} does not take the workflow: CheckpointLoaderSimple (node 1): Too big: steps."
    )


def test_a_fault_of_the_whole_graph_is_told_in_the_servers_words() -> None:
    refusal = PromptRefusal(Refusal("prompt_no_outputs", "Prompt has no outputs"))
    assert str(refused(URL, refusal)) == f"{URL} does not take the workflow: Prompt has no outputs."
