"""The studio's daphne around an application of one sentence, on the port and with the patience that are given."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import daphne.server  # noqa: F401 (it chooses the reactor, before anything else may)

from studio import daphne_channel, serving


class Greeting:
    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def __call__(self, scope: object, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b"127.0.0.1 by http"})  # type: ignore[operator]


if __name__ == "__main__":
    daphne_channel.UnhurriedChannel.patience = float(sys.argv[2])
    sock = serving.listen("127.0.0.1", int(sys.argv[1]))
    serving.serve_daphne(Greeting(), sock, lambda: print("ready", flush=True))
