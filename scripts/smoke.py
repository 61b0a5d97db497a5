"""The checks behind smoke.sh: what a stranger with an address and a token can do with a studio."""

import io
import json
import os
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

PATIENCE = 180.0  # seconds for one small run
FINAL = ("done", "partial", "failed", "cancelled")


class Failed(Exception):
    """A check did not hold; the words say what was seen."""


def told(name: str, good: bool, seen: object) -> None:
    print(f"{'ok  ' if good else 'FAIL'}  {name}: {seen}", flush=True)
    if not good:
        raise Failed(name)


def check_answers(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    told(f"GET {path}", answer.status_code == 200, answer.status_code)


def check_refuses_strangers(client: httpx.Client, order: Any) -> None:
    answer = httpx.post(client.base_url.join("/api/v1/runs"), json=order, timeout=30)
    told("POST /api/v1/runs without a token is refused", answer.status_code == 401, answer.status_code)


def start_run(client: httpx.Client, order: Any) -> str:
    answer = client.post("/api/v1/runs", json=order)
    told("POST /api/v1/runs", answer.status_code == 201 and "id" in answer.json(), answer.text[:200])
    return str(answer.json()["id"])


def wait_for(client: httpx.Client, uid: str) -> dict[str, Any]:
    started = time.monotonic()
    run: dict[str, Any] = {"status": "unknown"}
    while run["status"] not in FINAL and time.monotonic() - started < PATIENCE:
        time.sleep(0.5)
        run = client.get(f"/api/v1/runs/{uid}").raise_for_status().json()
    took = f"{run['status']} after {time.monotonic() - started:.1f} s"
    faults = "; ".join(row["error"] for row in run.get("generations", []) if row["error"])
    told(f"GET /api/v1/runs/{uid}", run["status"] == "done", f"{took} {faults}".rstrip())
    return run


def check_ad(client: httpx.Client, ad: dict[str, Any]) -> None:
    told(f"ad {ad['format']}", ad["state"] == "ready", ad["words"] or ad["state"])
    # The token goes to the studio that was named and to nobody else.
    told("its address is this studio's", ad["url"].startswith(str(client.base_url)), ad["url"])
    data = client.get(ad["url"]).raise_for_status().content
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        good = image.size == (ad["width"], ad["height"]) and len(data) == ad["bytes"]
        told("it opens", good, f"{image.format} {image.width}×{image.height}, {len(data)} bytes")


def check_zip(client: httpx.Client, run: dict[str, Any]) -> None:
    data = client.get(run["export_url"]).raise_for_status().content
    with zipfile.ZipFile(io.BytesIO(data)) as bundle:
        ads = {ad["file"] for ad in run["ads"]}
        wanted = ads | {"manifest.json", "manifest.csv", "copy.csv"}
        there = {name.rpartition("/")[2] for name in bundle.namelist()}
        told("ZIP", bundle.testzip() is None and wanted <= there, f"{len(there)} files")
        listed = [ad["file"] for ad in json.loads(bundle.read("manifest.json"))["ads"]]
        named = {path.rpartition("/")[2] for path in listed}
        good = named == ads and set(listed) <= set(bundle.namelist())
        told("its manifest names every ad", good, len(listed))


def main(url: str, order: Any) -> None:
    headers = {"Authorization": f"Bearer {os.environ['ADGEN_TOKEN']}"}
    with httpx.Client(base_url=url, headers=headers, timeout=30, follow_redirects=True) as client:
        for path in ("/health/live", "/health/ready", "/health/work", "/docs", "/api/v1/openapi.json"):
            check_answers(client, path)
        check_refuses_strangers(client, order)
        run = wait_for(client, start_run(client, order))
        told("ads", len(run["ads"]) == run["ads_total"] > 0, f"{len(run['ads'])} of {run['ads_total']}")
        for ad in run["ads"]:
            check_ad(client, ad)
        check_zip(client, run)


if __name__ == "__main__":
    try:
        main(sys.argv[1].rstrip("/"), json.loads(Path(sys.argv[2]).read_text()))
    except (Failed, httpx.HTTPError, OSError, ValueError, zipfile.BadZipFile) as fault:
        sys.exit(f"The studio at {sys.argv[1]} does not pass: {fault}")
    print(f"The studio at {sys.argv[1]} passes.")
