"""Metrics of a run that an engine really made, on the simulator over its socket."""

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from runs.engine.database import rows
from runs.engine.supervisor import Engine
from tests.runs.engine.conftest import ended, order


async def test_a_run_on_the_simulator_is_told_by_server_and_workflow(
    engine: Engine, settings: pytest.MonkeyPatch
) -> None:
    settings.METRICS_TOKEN = "a-token-of-the-tests"  # type: ignore[attr-defined]
    await ended(await order())
    answer = await rows(Client().get, "/metrics", headers={"Authorization": "Bearer a-token-of-the-tests"})
    families = {family.name: family for family in text_string_to_metric_families(answer.content.decode())}
    (painted,) = families["adgen_recent_generations"].samples
    assert (painted.labels["workflow"].split()[-1], painted.value) == ("1", 2)
    assert all(sample.value > 0 for sample in families["adgen_recent_generation_seconds"].samples)
    assert families["adgen_recent_pickup_seconds"].samples
    busy = [sample.value for sample in families["adgen_gpu_busy_share"].samples]
    assert 0 < max(busy) < 1
    assert families["adgen_queue_pictures"].samples[0].value == 0
