"""New revisions of ads, made by the engine from the stored picture."""

import hashlib

import pytest

from runs import recompose, signals, storage
from runs.brief import CopySpec
from runs.engine import scheduler
from runs.engine.database import rows
from runs.engine.supervisor import Engine
from runs.models import Creative, Run
from runs.recompose import Change
from runs.simulator.server import Simulator
from runs.states import AdState, RunStatus
from tests.runs.engine.conftest import ended, order, until

ONE = {"formats": ["meta_feed_square"]}


async def _only_ad(run: Run) -> Creative:
    return await rows(Creative.objects.select_related("generation", "picture").get, run=run)


async def _revised(old: Creative, change: Change) -> Creative:
    """Order a revision and wait until the engine has made it."""
    [new] = await rows(recompose.order, [old], change, actor="alice")

    async def made() -> bool:
        await rows(new.refresh_from_db)
        return new.state != AdState.PENDING

    await until(made)
    return new


async def test_a_new_revision_is_made_from_the_stored_picture_without_a_gpu(
    engine: Engine, simulator: Simulator
) -> None:
    run = await ended(await order(**ONE))
    old = await _only_ad(run)
    new = await _revised(old, Change(copy=CopySpec(headline="Cold since Monday.")))
    assert (new.state, new.revision) == (AdState.READY, 2), new.words
    assert " ".join(new.report["lines"]["headline"]) == "Cold since Monday."
    assert hashlib.sha256(storage.get(new.key)).hexdigest() == new.sha256
    assert hashlib.sha256(storage.get(old.key)).hexdigest() == old.sha256 != new.sha256
    assert len(simulator.prompts_accepted) == 1
    assert await rows(Run.objects.get, pk=run.pk, status=RunStatus.DONE)


async def test_a_revision_whose_words_do_not_fit_says_so(engine: Engine) -> None:
    run = await ended(await order(formats=["google_display_mobile_banner_320"]))
    old = await _only_ad(run)
    new = await _revised(
        old, Change(copy=CopySpec(headline="So many words that no strip can hold them " * 4))
    )
    assert (new.state, new.key) == (AdState.DOES_NOT_FIT, "") and "too long for" in new.words


async def test_a_revision_that_nobody_was_told_of_is_made_by_the_sweep(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await ended(await order(**ONE))
    old = await _only_ad(run)
    # The message is lost on its way: nothing of ours is replaced but the signal that carries it.
    monkeypatch.setattr(signals.ads_wanted, "send", lambda *_, **__: [])
    [new] = await rows(recompose.order, [old], Change(focus=(0.2, 0.3)), actor="")
    await rows(scheduler.sweep)

    async def made() -> bool:
        await rows(new.refresh_from_db)
        return new.state == AdState.READY

    await until(made)
    assert new.focus == [0.2, 0.3]


async def test_a_picture_whose_file_is_gone_is_told_in_the_revision(engine: Engine) -> None:
    run = await ended(await order(**ONE))
    old = await _only_ad(run)
    storage.delete([old.picture.key])
    new = await _revised(old, Change(focus=(0.2, 0.3)))
    assert new.state == AdState.FAILED and "gone from storage" in new.words
