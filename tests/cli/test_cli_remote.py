"""A remote judge in the settings: what is built of them, and what `lawspeaker doctor` says of the server."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest

from bot.cli.common import usable_model
from bot.cli.remote import look_at_remote
from bot.judge.build import build_judge, remote_judge
from bot.judge.remote.judge import RemoteJudge
from bot.logs import secrets_of
from bot.settings import SettingsError, load_settings
from tests.judge.remote.servers import MODEL, FakeServer, serving


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """A good server that listens in a thread of its own, while a command runs its own loop."""
    fake, ready, loop = FakeServer(), threading.Event(), asyncio.new_event_loop()
    done = asyncio.Event()

    async def serve() -> None:
        async with serving(fake):
            ready.set()
            await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(30)
    yield fake
    loop.call_soon_threadsafe(done.set)
    thread.join(30)
    loop.close()


def test_nothing_is_remote_unless_an_address_is_set() -> None:
    assert remote_judge(load_settings()) is None


def test_a_remote_judge_without_fall_back_needs_no_local_model() -> None:
    settings = load_settings(remote_url="http://127.0.0.1:9/v1", remote_fallback="none", model="not-there")
    assert usable_model(settings) is None
    assert isinstance(build_judge(settings, None), RemoteJudge)


def test_doctor_says_which_model_the_server_offers_and_how_long_a_question_took(server: FakeServer) -> None:
    found = look_at_remote(load_settings(remote_url=server.base))
    assert found.ok
    for words in (server.base, MODEL, "log-probabilities", " s"):
        assert words in found.found


def test_doctor_says_that_the_server_cannot_be_reached_and_why() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    found = look_at_remote(load_settings(remote_url=f"http://127.0.0.1:{port}/v1"))
    assert not found.ok
    assert "cannot be reached" in found.advice


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("remote_url", "ftp://somewhere/v1"),
        ("remote_url", "http://user:hush-hush@somewhere/v1"),
        ("remote_url", "http://somewhere/v1?key=hush-hush"),
        ("remote_api_key", "hush-hush\r\nX-Other: 1"),
        ("remote_timeout", "0"),
        ("remote_fallback", "somebody"),
    ],
)
def test_an_unusable_setting_is_one_sentence_that_shows_no_secret(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(**{name: value})
    assert str(caught.value).startswith(f"LAWSPEAKER_{name.upper()}")
    assert "\n" not in str(caught.value)
    assert "hush" not in str(caught.value)


def test_the_key_is_among_what_no_log_line_shows() -> None:
    assert "sesame-open" in secrets_of(load_settings(remote_api_key="sesame-open"))
