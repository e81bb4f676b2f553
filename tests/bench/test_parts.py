"""Each part of the benchmark really runs, with the tiny model, in a process of its own."""

from __future__ import annotations

import pytest

from bot.bench.asking import JSON, ONE_TOKEN
from bot.bench.messages import messages, policies
from bot.bench.part import Job
from bot.bench.parts import PartError, run_part
from bot.judge.models import ModelFile

pytestmark = pytest.mark.model

# For a busy machine: a part ends with its messages, not with its time.
PATIENCE = 600.0


def job(model: str, most: int, ask: str = "") -> Job:
    """Judge `most` messages by two policies, whatever time it takes."""
    asked = [(message.server, message.text) for message in messages(most, 1, servers=2)]
    sources = [policy.source for policy in policies(2)]
    return Job(model, 1, 0, PATIENCE, most, sources, asked, ask, ("the message is a threat.",))


async def measured(module: str, what: Job) -> dict[str, float]:
    """What the part tells, and that it told of progress."""
    heard: list[int] = []
    result = await run_part(module, what, PATIENCE, heard.append)
    assert heard
    return result


async def test_plain_llama_cpp_python_answers_in_json_and_is_timed(tiny: ModelFile) -> None:
    found = await measured("plain", job(str(tiny.path), 1, JSON))
    assert found["n"] == 1
    assert found["messages_per_second"] > 0
    assert found["answer_tokens"] > 10
    assert found["peak_rss_mb"] > 50


async def test_plain_llama_cpp_python_can_be_asked_for_one_token(tiny: ModelFile) -> None:
    found = await measured("plain", job(str(tiny.path), 2, ONE_TOKEN))
    assert (found["n"], found["answer_tokens"]) == (2, 1)


async def test_xllamacpps_server_keeps_the_policies_in_its_slots(tiny: ModelFile) -> None:
    pytest.importorskip("xllamacpp")
    found = await measured("server", job(str(tiny.path), 4, "resident"))
    assert (found["n"], found["policies"]) == (4, 2)
    assert found["cached_tokens"] > 200  # a policy's own, read before the clock started


async def test_the_limit_is_measured_and_the_tokens_counted(tiny: ModelFile) -> None:
    found = await measured("limit", job(str(tiny.path), 1))
    assert found["read_per_second"] > 0
    assert found["written_per_second"] > 0
    assert 10 < found["own_tokens"] < 30
    assert found["rationale_tokens"] > 3


@pytest.mark.parametrize("module", ["plain", "limit"])
async def test_a_model_that_cannot_be_loaded_is_told_in_a_sentence(module: str, tmp_path: object) -> None:
    with pytest.raises(PartError, match=r"^llama.* cannot load the model"):
        await run_part(module, job(f"{tmp_path}/none.gguf", 1, ONE_TOKEN), PATIENCE, lambda _: None)


async def test_a_part_that_takes_too_long_is_ended(tiny: ModelFile) -> None:
    with pytest.raises(PartError, match="its time was over"):
        await run_part("plain", job(str(tiny.path), 1, JSON), 0.2, lambda _: None)
