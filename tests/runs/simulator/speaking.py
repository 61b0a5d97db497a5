"""How the tests speak with a simulator: plain httpx and websockets, so that no code of ours vouches for itself."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from websockets.asyncio.client import ClientConnection, connect

from runs.comfyui.protocol import Dialect
from runs.simulator.server import Simulator

DATA = Path(__file__).parents[2] / "data" / "simulator"
CHECKPOINT = "simulated-studio.safetensors"
OUTPUT = "9"
SAMPLER = "3"


def graph(seed: int = 1, steps: int = 2, prefix: str = "lab/t2i") -> dict[str, Any]:
    """Text to image as the recorded graphs do it."""
    return {
        "3": node(
            "KSampler", seed=seed, steps=steps, cfg=7.0, sampler_name="euler", scheduler="normal", denoise=1.0,
            model=["4", 0], positive=["6", 0], negative=["7", 0], latent_image=["5", 0],
        ),
        "4": node("CheckpointLoaderSimple", ckpt_name=CHECKPOINT),
        "5": node("EmptyLatentImage", width=64, height=64, batch_size=1),
        "6": node("CLIPTextEncode", text="a can on a podium", clip=["4", 1]),
        "7": node("CLIPTextEncode", text="blurry", clip=["4", 1]),
        "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
        "9": node("SaveImage", filename_prefix=prefix, images=["8", 0]),
    }  # fmt: skip


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs}


def tiny(colour: int = 1) -> dict[str, Any]:
    """The quickest prompt there is."""
    return {
        "1": node("EmptyImage", width=8, height=8, batch_size=1, color=colour),
        "2": node("PreviewImage", images=["1", 0]),
    }


class Ear:
    """A websocket that keeps what it hears: text messages as objects, binary ones as bytes."""

    def __init__(self, socket: ClientConnection, sid: str) -> None:
        self.socket, self.sid = socket, sid
        self.heard: list[Any] = []

    async def next(self) -> Any:
        async with asyncio.timeout(10):
            frame = await self.socket.recv()
        self.heard.append(frame if isinstance(frame, bytes) else json.loads(frame))
        return self.heard[-1]

    async def until(self, kind: str, **data: Any) -> dict[str, Any]:
        """Listen until a message of that type with these data comes."""
        while True:
            message = await self.next()
            if (
                isinstance(message, dict)
                and message["type"] == kind
                and data.items() <= message["data"].items()
            ):
                return message

    async def end_of(self, prompt_id: str) -> list[Any]:
        """Listen until the end mark of a prompt; all that was heard."""
        await self.until("executing", node=None, prompt_id=prompt_id)
        return self.heard

    async def is_quiet(self, seconds: float = 0.15) -> bool:
        """Whether nothing comes for a while."""
        try:
            async with asyncio.timeout(seconds):
                self.heard.append(await self.socket.recv())
        except TimeoutError:
            return True
        return False

    def messages(self, *kinds: str) -> list[dict[str, Any]]:
        return [one for one in self.heard if isinstance(one, dict) and one["type"] in kinds]

    @property
    def frames(self) -> list[bytes]:
        return [one for one in self.heard if isinstance(one, bytes)]


class Talk:
    """A simulator and one who talks to it."""

    def __init__(self, simulator: Simulator, http: httpx.AsyncClient) -> None:
        self.simulator, self.http = simulator, http
        self._ears: list[Ear] = []

    @property
    def newer(self) -> bool:
        return self.simulator.machine.newer

    @property
    def dialect(self) -> Dialect:
        return self.simulator.machine.settings.dialect

    async def listen(
        self, sid: str | None = None, *, flags: dict[str, Any] | None = None, path: str = "/ws"
    ) -> Ear:
        """Open a websocket and hear its greeting."""
        sid = sid or str(uuid4())
        url = self.simulator.url.replace("http", "ws", 1) + f"{path}?clientId={sid}"
        ear = Ear(await connect(url, max_size=None), sid)
        self._ears.append(ear)
        if flags is not None:
            await ear.socket.send(json.dumps({"type": "feature_flags", "data": flags}))
        await ear.until("status", sid=sid)
        if flags is not None:
            await ear.until("feature_flags")
        return ear

    async def post(self, nodes: dict[str, Any], client: str | None = None, **rest: Any) -> httpx.Response:
        who = {} if client is None else {"client_id": client}
        return await self.http.post("/prompt", json={"prompt": nodes, **who, **rest})

    async def submit(self, nodes: dict[str, Any], client: str | None = None, **rest: Any) -> str:
        """Post a prompt that is taken; its id."""
        answer = await self.post(nodes, client, **rest)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["prompt_id"])

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.http.get(path, params=query)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def entry(self, prompt_id: str) -> dict[str, Any]:
        """Wait for a prompt's history entry."""
        async with asyncio.timeout(10):
            while not (found := await self.get(f"/history/{prompt_id}")):
                await asyncio.sleep(0.005)
        return dict(found[prompt_id])

    async def run(self, nodes: dict[str, Any], **rest: Any) -> dict[str, Any]:
        """Post a prompt and wait for its history entry."""
        return await self.entry(await self.submit(nodes, **rest))

    async def picture(self, entry: dict[str, Any], output: str = OUTPUT) -> bytes:
        """The first picture of an entry's output node."""
        answer = await self.http.get("/view", params=entry["outputs"][output]["images"][0])
        assert answer.status_code == 200
        return answer.content

    async def running(self, prompt_id: str | None = None) -> None:
        """Wait until a prompt runs."""
        async with asyncio.timeout(10):
            while True:
                queue = (await self.get("/queue"))["queue_running"]
                if queue and prompt_id in (None, queue[0][1]):
                    return
                await asyncio.sleep(0.005)

    async def hang_up(self) -> None:
        for ear in self._ears:
            await ear.socket.close()


def kinds(heard: list[Any]) -> list[str]:
    """The types of messages in order, binary ones by their number."""
    return [_kind(one) for one in heard]


def _kind(one: Any) -> str:
    return f"binary {one[3]}" if isinstance(one, bytes) else str(one["type"])


def ids_in(queue: list[list[Any]]) -> Iterator[str]:
    return (item[1] for item in queue)
