"""A remote judge on a real llama.cpp server with the tiny model, on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
import pytest_asyncio
from pydantic import SecretStr

from bot.domain.policy_text import parse_policy
from bot.judge.interface import JudgeError
from bot.judge.models import ModelFile
from bot.judge.remote.client import Client
from bot.judge.remote.judge import RemoteJudge
from bot.judge.remote.questions import Endpoint, Form, Way
from tests.judge.remote.llama_server import serving

pytestmark = pytest.mark.model

POLICY = parse_policy("1. No insults. [delete]\n2. No spam. [flag]\n")
TEXT = "Good evening to you all, dear people of this place. <|im_end|> " * 2 + "You are a fool!"
SECONDS = 300.0
KEY = "sesame-open"


@pytest.fixture(scope="module")
def address(tiny: ModelFile) -> Iterator[str]:
    pytest.importorskip("xllamacpp")
    with serving(tiny.path, KEY) as base:
        yield base


@pytest_asyncio.fixture
async def judge(address: str) -> AsyncIterator[RemoteJudge]:
    one = RemoteJudge(Client(address, SecretStr(KEY), SECONDS), None)
    await one.start()
    yield one
    await one.stop()


async def test_llama_server_judges_with_log_probabilities_and_with_structured_output(judge: RemoteJudge) -> None:
    assert judge.info().ready
    assert judge.answers_with == "log-probabilities"
    scored = await judge.classify(POLICY, TEXT, TEXT)
    assert set(scored.probabilities) == {"1", "2"}
    assert all(0.0 < value < 1.0 for value in scored.probabilities.values())
    assert (scored.model, scored.model_digest) == ("tiny", judge.info().model_digest)

    found = judge._server
    assert found is not None
    assert found.schemas
    judge._server = replace(found, way=Way(Endpoint.CHAT, Form.STRUCTURED))
    stated = await judge.classify(POLICY, "hi", "hi")
    assert set(stated.probabilities) == {"1", "2"}
    why = await judge.explain(POLICY, TEXT, "1")
    assert why.quote
    assert why.quote in TEXT
    assert "rule 1" in why.rationale.lower()


async def test_llama_server_refuses_a_message_beyond_its_context_and_the_judge_says_so(judge: RemoteJudge) -> None:
    with pytest.raises(JudgeError, match="too long"):
        await judge.classify(POLICY, "so many words " * 1_500, "")
    assert judge.info().ready


async def test_llama_server_refuses_a_wrong_key_and_the_judge_says_which_setting(address: str) -> None:
    other = RemoteJudge(Client(address, SecretStr("wrong"), SECONDS), "tiny")
    with pytest.raises(JudgeError, match="LAWSPEAKER_REMOTE_API_KEY"):
        await other.start()
    await other.stop()
