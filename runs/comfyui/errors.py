"""What can go wrong with a ComfyUI server: one class and one sentence each, for the person who has to act.

    ComfyError
      · ServerUnreachable    nobody answers there, or the connection broke
      · ServerTimeout        connected, but no answer in time
      · ServerFault          the server answered 5xx
      · NotComfyUI           somebody answers, but not ComfyUI
      · AccessRefused        401 or 403
      · TooLarge             413: the upload or the graph is over the server's limit
      · PromptRefused        the server does not take the graph; carries the refusal
          MissingNode        a node class is not installed there
          MissingModel       a model file is not there; names those that are
      · OutputMissing        the picture is no longer on the server
      · BadOutput            the server handed out something that is no picture of ours
          OversizedAnswer    it answered with more bytes than are taken
      · UnsafeName           a file name that could lead out of the server's folders
      · ProtocolViolation    an answer or a frame that is not what ComfyUI sends
      · UnsupportedVersion   ComfyUI, but too old for us
      · BadAddress           the address or the headers of a server cannot be used
      · BadWorkflow          the graph and its bindings do not fit together
          UnknownParameter   a value for a parameter that the workflow does not have
          MissingParameter   no value for one that it has

`permanent` says that the same request to the same server will fail again, so only a change helps.
"""

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from runs.comfyui.prompts import NodeError, PromptRefusal

SHOWN_CHOICES = 5


class ComfyError(Exception):
    """The ComfyUI server did not do what was asked."""

    permanent: ClassVar[bool] = False

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence or self.__doc__)


class ServerUnreachable(ComfyError):
    """Nobody answers at the address of the ComfyUI server. Start it, or correct its address."""


class ServerTimeout(ComfyError):
    """The ComfyUI server did not answer in time. It may be busy; try again."""


class ServerFault(ComfyError):
    """The ComfyUI server answered with an error of its own. Look at its log."""


class NotComfyUI(ComfyError):
    """Somebody answers at that address, but not as ComfyUI does. Check the address and the port."""

    permanent = True


class AccessRefused(ComfyError):
    """The server refuses access. Check the token or the password that is stored for it."""

    permanent = True


class TooLarge(ComfyError):
    """The file is larger than the server accepts. Send a smaller one, or raise its --max-upload-size."""

    permanent = True


class OutputMissing(ComfyError):
    """The picture is no longer on the server. Make it again."""


class BadOutput(ComfyError):
    """The server handed out something that is not the picture that was asked for. Make it again."""


class OversizedAnswer(BadOutput):
    """The server answered with more data than is taken from it. Make the picture smaller."""

    permanent = True


class UnsafeName(ComfyError):
    """The server named a file that could lie outside of its output folders. It was not fetched."""

    permanent = True


class ProtocolViolation(ComfyError):
    """The server sent something that ComfyUI does not send. Check which program and version runs there."""

    permanent = True


class UnsupportedVersion(ComfyError):
    """This ComfyUI is too old. Update it to 0.3.64 or newer."""

    permanent = True


class BadAddress(ComfyError):
    """That is not the address of a server. Write it as http://host:port or https://host/path."""

    permanent = True


class BadWorkflow(ComfyError):
    """The workflow and its bindings do not fit together. Correct the workflow."""

    permanent = True


class UnknownParameter(BadWorkflow):
    """The workflow has no such parameter."""

    def __init__(self, parameter: str, workflow: str) -> None:
        super().__init__(f"The workflow “{workflow}” has no parameter “{parameter}”. Leave it out.")
        self.parameter = parameter


class MissingParameter(BadWorkflow):
    """The workflow needs a value for a parameter."""

    def __init__(self, parameter: str, workflow: str) -> None:
        super().__init__(f"The workflow “{workflow}” needs a value for “{parameter}”. Give one.")
        self.parameter = parameter


class PromptRefused(ComfyError):
    """The server does not take this workflow. Correct the workflow, or use a server that knows it."""

    permanent = True

    def __init__(self, sentence: str = "", *, refusal: "PromptRefusal | None" = None) -> None:
        super().__init__(sentence)
        self.refusal = refusal

    @property
    def node_errors(self) -> "tuple[NodeError, ...]":
        """What the server found wrong, node by node; empty when it refused the graph as a whole."""
        return self.refusal.node_errors if self.refusal else ()


class MissingNode(PromptRefused):
    """The server lacks a node of the workflow. Install the custom node there, or use another server."""


class MissingModel(PromptRefused):
    """The server lacks a model file that the workflow names. Choose one it has, or install the file there."""

    def __init__(
        self, sentence: str = "", *, refusal: "PromptRefusal | None" = None, choices: tuple[str, ...] = ()
    ) -> None:
        super().__init__(sentence, refusal=refusal)
        self.choices = choices


def in_words(choices: tuple[str, ...]) -> str:
    """A list of names for a sentence: the first few, and how many more there are."""
    shown = ", ".join(choices[:SHOWN_CHOICES])
    more = len(choices) - SHOWN_CHOICES
    return f"{shown} and {more} more" if more > 0 else shown


def refused(url: str, refusal: "PromptRefusal", choices: tuple[str, ...] = ()) -> PromptRefused:
    """The error that fits a refusal by the server at `url`: MissingNode, MissingModel or PromptRefused.

    `choices` are the model files that the server has, when it is one of them that it lacks.
    """
    if refusal.missing_node is not None:
        sentence = f"{url} has no node “{refusal.missing_node}”. Install it there, or use another server."
        return MissingNode(sentence, refusal=refusal)
    if refusal.missing_model is None:
        return PromptRefused(f"{url} does not take the workflow: {refusal.summary}.", refusal=refusal)
    has = f" It has: {in_words(choices)}." if choices else ""
    return MissingModel(
        f"{url} has no model “{refusal.missing_model.received_value}”.{has}"
        " Choose another, or install the file there.",
        refusal=refusal,
        choices=choices,
    )
