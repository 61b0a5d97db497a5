"""What we put into POST /prompt, and how we judge the answer. Some forms of it take a whole server down."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from runs.comfyui.errors import UnsupportedVersion
from runs.comfyui.protocol import Dialect, NodeError, PromptAccepted, PromptRefusal, PromptRequest, Refusal

POISON = "extra_pnginfo"  # not an object, or an ill-formed one: the job list fails for everybody (D13)


def check_client_id(client_id: object) -> str:
    """A list as client_id ends the whole server (D19); without one our events go to all (fact 33)."""
    if isinstance(client_id, str) and client_id:
        return client_id
    raise TypeError(f"a client_id is a string with something in it, not {client_id!r}")


def check_prompt_id(prompt_id: object) -> str:
    """Newer servers take a canonical UUID alone (D9); so do we with all."""
    if isinstance(prompt_id, str) and _canonical(prompt_id) == prompt_id:
        return prompt_id
    raise ValueError(f"a prompt_id is str(uuid4()), not {prompt_id!r}")


def request_for(
    graph: Mapping[str, Any],
    prompt_id: str,
    client_id: str,
    extra_data: Mapping[str, Any] | None,
    previews: bool,
    dialect: Dialect,
) -> PromptRequest:
    """The request that is safe to send. Raises TypeError and ValueError for what is not."""
    if extra_data is not None and not isinstance(extra_data, Mapping):
        # null kills the worker of older servers (fact 41).
        raise TypeError("extra_data is an object or left out")
    if POISON in (extra_data or {}):
        raise ValueError(f"{POISON} is never sent")
    extra = dict(extra_data or {})
    if dialect is Dialect.V0_33:  # older servers decide on previews by their command line (D5)
        extra = {"preview_method": "latent2rgb" if previews else "none"} | extra
    return PromptRequest(graph, check_prompt_id(prompt_id), check_client_id(client_id), extra or None)


def half_refused(errors: tuple[NodeError, ...]) -> PromptRefusal:
    """A 200 with node_errors as the refusal it is: those outputs would silently not be made (fact 22)."""
    return PromptRefusal(
        Refusal("prompt_outputs_failed_validation", "Prompt outputs failed validation"), errors
    )


def check_kept(accepted: PromptAccepted, prompt_id: str, url: str) -> PromptAccepted:
    """Servers before 0.3.45 give a prompt their own id, and then nobody would ever find it under ours."""
    if accepted.prompt_id == prompt_id:
        return accepted
    raise UnsupportedVersion(f"{url} does not keep our prompt_id. Update ComfyUI to 0.3.64 or newer.")


def _canonical(text: str) -> str | None:
    try:
        return str(UUID(text))
    except ValueError:
        return None
