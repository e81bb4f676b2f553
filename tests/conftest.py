"""Fixtures that several parts share: Discord's own description, and a stage with the whole bot on it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

import cogs.policies
from bot.judge.models import ModelFile, default_model_dir, resolve_model
from bot.judge.models.errors import ModelError
from bot.sandbox.exchange import Exchange
from bot.trial.trial import Trial
from tests.sandbox.openapi import VARIABLE, OpenApi
from tests.stage import POLICY, Scene, Stage


@pytest.fixture(scope="session")
def description() -> OpenApi | None:
    """Discord's own description, where the environment names it."""
    path = os.environ.get(VARIABLE)
    return OpenApi.load(Path(path)) if path else None


@pytest.fixture
def exchanges(description: OpenApi | None) -> Iterator[list[Exchange]]:
    """Every REST exchange of a test; at its end all are held against Discord's description."""
    heard: list[Exchange] = []
    yield heard
    hold_against(description, heard)


def hold_against(description: OpenApi | None, heard: list[Exchange]) -> None:
    """Fail with every exchange that does not fit the description, where there is one."""
    if description is not None:
        problems = [line for one in heard for line in description.problems(one)]
        assert not problems, "\n".join(dict.fromkeys(problems))


@pytest.fixture(scope="session")
def tiny() -> ModelFile:
    """The tiny model; tests that need it are skipped where it was not pulled."""
    try:
        return resolve_model("tiny", Path(os.environ.get("LAWSPEAKER_MODEL_DIR") or default_model_dir()))
    except ModelError as error:
        pytest.skip(str(error))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running_stage(
    tiny: ModelFile, tmp_path_factory: pytest.TempPathFactory, description: OpenApi | None
) -> AsyncIterator[Stage]:
    """The whole bot, running for all tests that play on it; its way there is held against the description too."""
    exchanges: list[Exchange] = []
    trial = Trial(tiny, POLICY, tmp_path_factory.mktemp("stage"), on_exchange=exchanges.append)
    with pytest.MonkeyPatch.context() as patch:
        # After each publishing the packs' texts are judged to ask about: here that would hold up all other tests for
        # many seconds. test_live_borderline has them, with a judge that takes no time.
        patch.setattr(cogs.policies, "load_pack_texts", lambda: ())
        await trial.start()
    try:
        hold_against(description, exchanges)
        yield Stage(trial, exchanges)
    finally:
        await trial.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def stage(running_stage: Stage, description: OpenApi | None) -> AsyncIterator[Stage]:
    """The stage for one test, whose REST exchanges are held against Discord's description at its end."""
    running_stage.exchanges.clear()
    running_stage.trial.server.accounts.clear()
    yield running_stage
    hold_against(description, running_stage.exchanges)


@pytest_asyncio.fixture(loop_scope="session")
async def scene(stage: Stage) -> Scene:
    """A server of its own under the house's policy, enforced, in which so far nothing breaks a rule."""
    return await stage.scene()


def pytest_configure() -> None:
    """Keep each of pytest-xdist's processes, and the models it starts, to a core of its own.

    Threads of a model wait for one another at every step; two models that share the cores are slower than one.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[int(worker.removeprefix("gw")) % len(cores)]})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests that play on the stage one after another, at the end.

    The stage's event loop stands still while other tests run. A bot that stands still for a minute sends no heartbeat,
    and is disconnected, as on Discord; what was posted meanwhile it never hears of.
    """
    items.sort(key=lambda item: "running_stage" in getattr(item, "fixturenames", ()))
