"""Alerts and Grafana's dashboard speak of metrics that exist, and only of those."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from runs.models import Run

ROOT = Path(__file__).resolve().parents[2]
ALERTS = (ROOT / "deploy" / "alerts.yml").read_text()
DASHBOARD: dict[str, Any] = json.loads((ROOT / "deploy" / "grafana-dashboard.json").read_text())
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
TOLD = (ROOT / "docs" / "watching.md").read_text()


def named(text: str) -> set[str]:
    return {name.removesuffix("_bucket") for name in re.findall(r"\badgen_\w+", text)}


@pytest.fixture
def known(settings: Any, run: Run) -> dict[str, set[str]]:
    """Every metric, with its labels; those without a value yet have none."""
    settings.METRICS_TOKEN = "a-token-of-the-tests"
    answer = Client().get("/metrics", headers={"Authorization": "Bearer a-token-of-the-tests"})
    families = text_string_to_metric_families(answer.content.decode())
    return {family.name: {label for one in family.samples for label in one.labels} for family in families}


def test_every_metric_that_an_alert_names_exists(known: dict[str, set[str]]) -> None:
    expressions = re.findall(r"expr: (.*)", ALERTS)
    assert len(expressions) == 4
    assert named(ALERTS) - set(known) == set()
    assert all(named(expression) for expression in expressions)


def test_every_metric_that_the_dashboard_names_exists(known: dict[str, set[str]]) -> None:
    assert all(named(query) for query in QUERIES)
    assert named(" ".join(QUERIES)) - set(known) == set()


def test_every_metric_is_shown_on_the_dashboard_and_told_in_the_documents(known: dict[str, set[str]]) -> None:
    shown = named(" ".join(QUERIES)) | named(ALERTS)
    assert set(known) - shown - {"adgen_window_seconds", "adgen_server_pace_seconds"} == set()
    assert set(known) - named(TOLD) == set()
    assert named(TOLD) - set(known) - {"adgen_token"} == set()


def test_no_panel_lies_on_another() -> None:
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    cells = [
        (x, y) for p in places for x in range(p["x"], p["x"] + p["w"]) for y in range(p["y"], p["y"] + p["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
