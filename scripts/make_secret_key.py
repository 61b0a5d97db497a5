"""Makes DIR/secret_key once, readable by its owner only. `make setup` and the container's entry call this."""

import os
import secrets
import sys
from pathlib import Path


def make(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(folder / "secret_key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))  # 64 characters


if __name__ == "__main__":
    make(Path(sys.argv[1]))
