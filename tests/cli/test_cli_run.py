"""`lawspeaker run`: the real bot, as a process of its own, on any server that speaks Discord's protocol."""

from __future__ import annotations

import asyncio
import gc
import importlib
import os
import signal
import socket
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.sandbox.model import Application, Channel, Guild, User
from bot.sandbox.permissions import MANAGE_MESSAGES
from bot.sandbox.server import SandboxServer
from bot.settings import Settings

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("tiny")]

STOP_SECONDS = 12.0  # 15 are promised, and from 14 on the process ends without having stopped
START_SECONDS = 60.0


@dataclass(slots=True)
class Place:
    """A server that speaks Discord's protocol, with a guild the bot is in."""

    server: SandboxServer
    application: Application
    guild: Guild
    channel: Channel
    member: User


@pytest.fixture
async def place(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    server = SandboxServer()
    world = server.world
    owner, member = world.add_user("owner"), world.add_user("member")
    guild = world.add_guild("The Guild", owner)
    channel = world.add_channel(guild, "general")
    application = world.add_application("Lawspeaker", owner=owner)
    world.invite(guild, application)
    world.join(guild, member)
    await server.start()
    monkeypatch.setenv("LAWSPEAKER_DISCORD_API_BASE", server.api_base)
    monkeypatch.setenv("LAWSPEAKER_DISCORD_GATEWAY", server.gateway_url)
    monkeypatch.setenv("LAWSPEAKER_DISCORD_TOKEN", application.token)
    yield Place(server, application, guild, channel, member)
    await server.stop()


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        free = int(found.getsockname()[1])
    monkeypatch.setenv("LAWSPEAKER_WEB_PORT", str(free))
    return free


@pytest.fixture
async def start(port: int) -> AsyncIterator[Callable[..., Awaitable[Process]]]:
    """Start `lawspeaker ARGUMENTS`; whatever still runs at the end is killed."""
    started: list[Process] = []

    async def start(*arguments: str | Path) -> Process:
        words = [str(argument) for argument in arguments]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.cli", *words, stdout=PIPE, stderr=PIPE, stdin=asyncio.subprocess.DEVNULL
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def sentence(process: Process) -> str:
    """The last line on stderr of a process that refused to run; the ones before it are the log's."""
    out, err = await asyncio.wait_for(process.communicate(), START_SECONDS)
    text = err.decode()
    assert (process.returncode, out) == (2, b""), text
    assert "Traceback" not in text
    line = text.splitlines()[-1]
    assert line.startswith("lawspeaker: ")
    return line


async def until(true: Callable[[], Awaitable[bool]], seconds: float = START_SECONDS) -> None:
    async with asyncio.timeout(seconds):
        while not await true():  # noqa: ASYNC110 - another process is what changes it
            await asyncio.sleep(0.05)


async def fetch(port: int, path: str) -> tuple[int, str]:
    """Status and body of a health endpoint; status 0 where nothing answers."""
    try:
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as response:
            return response.status, await response.text()
    except aiohttp.ClientConnectionError:
        return 0, ""


async def ready(port: int) -> None:
    async def is_ready() -> bool:
        return (await fetch(port, "/readyz"))[0] == 200

    await until(is_ready)


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def all_gone(pids: list[int]) -> None:
    async def are_gone() -> bool:
        return not any(alive(pid) for pid in pids)

    await until(are_gone, STOP_SECONDS)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_run_is_ready_takes_up_settings_from_the_shell_and_ends_on_sigterm_with_status_0(
    place: Place, port: int, start: Any, policy_file: Path
) -> None:
    bot = await start("run")
    await ready(port)
    place.server.post(place.member, place.channel, "before it is watched")
    shell = await start("guild", "set", str(place.guild.id), "--watch", str(place.channel.id), "--policy", policy_file)
    _, err = await shell.communicate()
    assert shell.returncode == 0, err

    place.server.post(place.member, place.channel, "after it is watched")

    async def journalled() -> bool:
        return "lawspeaker_messages_total 1.0" in (await fetch(port, "/metrics"))[1]

    await until(journalled)
    workers = children(bot.pid)
    assert len(workers) == 1
    bot.send_signal(signal.SIGTERM)  # while the worker compiles the policy's card
    _, err = await asyncio.wait_for(bot.communicate(), STOP_SECONDS)
    assert bot.returncode == 0, err.decode()
    assert b"Traceback" not in err
    await all_gone(workers)
    assert place.application.token not in err.decode()
    assert "is watched" not in err.decode()


async def test_readyz_says_so_while_discord_is_away(place: Place, port: int, start: Any) -> None:
    await start("run")
    await ready(port)
    await place.server.stop()

    async def says_so() -> bool:
        status, body = await fetch(port, "/readyz")
        return status == 503 and "discord" in body

    await until(says_so)
    assert (await fetch(port, "/healthz"))[0] == 200


async def test_the_worker_ends_when_the_bot_is_killed(place: Place, port: int, start: Any) -> None:
    bot = await start("run")
    await ready(port)
    workers = children(bot.pid)
    assert workers
    assert all(alive(pid) for pid in workers)
    os.kill(bot.pid, signal.SIGKILL)
    await bot.wait()
    await all_gone(workers)


async def test_a_second_bot_on_the_same_database_is_one_sentence_and_a_killed_one_holds_up_nobody(
    place: Place, port: int, start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await start("run")
    await ready(port)
    monkeypatch.setenv("LAWSPEAKER_WEB_PORT", "0")
    assert "Another Lawspeaker works on the database" in await sentence(await start("run"))
    assert (await fetch(port, "/readyz"))[0] == 200
    os.kill(first.pid, signal.SIGKILL)
    await first.wait()
    monkeypatch.setenv("LAWSPEAKER_WEB_PORT", str(port))
    await start("run")
    await ready(port)


@pytest.fixture
async def silent(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[asyncio.Event]:
    """A server that never answers; the event says that it was asked."""
    asked, never = asyncio.Event(), asyncio.Event()

    async def say_nothing(_: web.Request) -> web.Response:
        asked.set()
        await never.wait()
        return web.Response()

    async for _ in serving(say_nothing, monkeypatch):
        yield asked
        never.set()


async def serving(
    answer: Callable[[web.Request], Awaitable[web.Response]], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[None]:
    """Have every request to the API answered so while a test runs."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    monkeypatch.setenv("LAWSPEAKER_DISCORD_API_BASE", f"http://127.0.0.1:{runner.addresses[0][1]}/api/v10")
    monkeypatch.setenv("LAWSPEAKER_DISCORD_TOKEN", "MTAx.Gx7.secret")
    yield
    await runner.cleanup()


async def test_sigterm_while_it_starts_ends_it_with_status_0_too(silent: asyncio.Event, port: int, start: Any) -> None:
    bot = await start("run")
    await asyncio.wait_for(silent.wait(), START_SECONDS)
    assert (await fetch(port, "/healthz"))[0] == 200
    assert (await fetch(port, "/readyz"))[0] == 503
    workers = children(bot.pid)
    bot.send_signal(signal.SIGTERM)
    _, err = await asyncio.wait_for(bot.communicate(), STOP_SECONDS)
    assert bot.returncode == 0, err.decode()
    assert b"Traceback" not in err
    await all_gone(workers)


async def test_a_wrong_token_is_one_sentence(place: Place, start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAWSPEAKER_DISCORD_TOKEN", "MTAx.Gx7.wrong")
    told = await sentence(await start("run"))
    assert "LAWSPEAKER_DISCORD_TOKEN" in told
    assert "wrong" not in told


async def test_a_taken_port_is_one_sentence(place: Place, port: int, start: Any) -> None:
    with socket.create_server(("127.0.0.1", port)):
        assert "LAWSPEAKER_WEB_PORT" in await sentence(await start("run"))


async def test_an_unreachable_server_is_one_sentence(start: Any, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        free = nobody.getsockname()[1]
    monkeypatch.setenv("LAWSPEAKER_DISCORD_API_BASE", f"http://127.0.0.1:{free}/api/v10")
    monkeypatch.setenv("LAWSPEAKER_DISCORD_TOKEN", "MTAx.Gx7.secret")
    assert "cannot be reached" in await sentence(await start("run"))


async def test_a_missing_intent_is_one_sentence(place: Place, start: Any) -> None:
    place.application.intents = 0
    assert "Message Content intent" in await sentence(await start("run"))


async def test_a_database_from_a_newer_version_is_one_sentence(place: Place, start: Any, data_dir: Path) -> None:
    assert await (await start("db", "upgrade")).wait() == 0
    with closing(sqlite3.connect(data_dir / "lawspeaker.sqlite3")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = 'from_the_future'")
    assert "newer version" in await sentence(await start("run"))


async def test_no_token_and_no_model_are_one_sentence_each(
    start: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without_token = await start("run")
    monkeypatch.setenv("LAWSPEAKER_MODEL", "default")
    monkeypatch.setenv("LAWSPEAKER_MODEL_DIR", str(tmp_path))
    without_model = await start("run")
    assert "LAWSPEAKER_DISCORD_TOKEN" in await sentence(without_token)
    assert "lawspeaker model pull default" in await sentence(without_model)


async def test_once_it_serves_the_garbage_collector_passes_over_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []

    class Served:
        def __init__(self, *_: object) -> None: ...

        async def start(self) -> None:
            kept.append(gc.get_freeze_count())

        async def wait_stopped(self) -> None:
            kept.append(gc.get_freeze_count())

        async def stop(self) -> None: ...

    run = importlib.import_module("bot.cli.running")
    monkeypatch.setattr(run, "App", Served)
    monkeypatch.setattr(run, "usable_model", lambda _: None)
    try:
        await run._run_app(Settings())
    finally:
        gc.unfreeze()
    assert kept[1] > kept[0] + 10_000


async def test_with_a_client_secret_moderators_sign_in_to_its_console(
    place: Place, start: Callable[..., Awaitable[Process]], port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAWSPEAKER_OAUTH_CLIENT_SECRET", place.application.secret)
    address = f"http://127.0.0.1:{port}"
    place.application.redirect_uris = frozenset({f"{address}/console/signed-in"})
    moderator = place.server.world.add_user("moderator")
    place.server.world.join(
        place.guild, moderator, [place.server.world.add_role(place.guild, "Moderators", MANAGE_MESSAGES)]
    )
    process = await start("run")
    await ready(port)
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as browser:
        async with browser.get(f"{address}/console/") as shown:
            assert shown.url.path == "/console/sign-in"
        async with browser.get(f"{address}/console/sign-in/discord") as asked:
            there = asked.url
        form = {"answer": "authorize", "account": str(moderator.id)}
        async with browser.post(there, data=form) as shown:
            assert shown.url.path.startswith(f"/console/servers/{place.guild.id}/")
            assert "moderator" in await shown.text()
    process.terminate()
    _, err = await asyncio.wait_for(process.communicate(), STOP_SECONDS)
    assert process.returncode == 0
    assert b"console_signed_in" in err
    assert place.application.secret.encode() not in err


async def test_to_others_no_console_is_served_without_a_client_secret(
    place: Place, start: Callable[..., Awaitable[Process]], port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAWSPEAKER_WEB_URL", "https://mod.example")
    process = await start("run")
    await ready(port)
    assert (await fetch(port, "/console/"))[0] == 404
    process.terminate()
    _, err = await asyncio.wait_for(process.communicate(), STOP_SECONDS)
    assert b"console_not_served" in err
    assert b"LAWSPEAKER_OAUTH_CLIENT_SECRET" in err
