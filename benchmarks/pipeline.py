"""What a message costs the bot's process outside the judge: `python -m benchmarks.pipeline`.

The bot runs as `lawspeaker run` has it, in a process of its own, with the real client and a database in a file; its
judge is scripted and answers at once. A sandbox in this process is its Discord, where members post. Measured is the
processor time of the bot's process alone, user and system, all its threads: it hardly depends on what else the machine
does. A client that only receives the same messages is measured beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import random
import signal
import sqlite3
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bot.domain.decision import Mode
from bot.sandbox.model import Application, Channel, User
from bot.sandbox.server import SandboxServer
from bot.store import Store, schema

SERVERS, MEMBERS, CHANNELS = 20, 10, 3
PATIENCE = 120.0
POLICY = """# The house

Be kind to one another.

1. No spam or repeated messages. [delete]
2. No advertising of other servers, shops or channels. [flag]
3. No threats, and no insults against other members. [delete, warn]

## Examples

- breaks 1: "buy buy buy buy buy"
- breaks 2: "join my server, it is better than this one"
- fine: "does anybody have advice on soldering?"
"""
_WORDS = (
    "the a my your this that game build patch server team friend music picture code bug cat dog train coffee is was "
    "looks feels works breaks runs again today tomorrow really never always nice odd late early with without for "
    "about lol ok thanks maybe please who where why how @everyone https://example.com/a/b :smile: 3 42"
).split()


@dataclass
class Cost:
    """What a run of messages cost the process, a message: milliseconds of processor time; where metered, statements."""

    messages: int
    cases: int
    rate: float
    cpu_ms: float
    main_ms: float
    others_ms: float
    statements: float
    rss_mb: float
    parts_ms: dict[str, float] = field(default_factory=dict)


@dataclass
class Town:
    """The servers, and who says something in them."""

    server: SandboxServer
    application: Application
    environ: dict[str, str]
    places: list[tuple[list[Channel], list[User]]]
    chance: random.Random
    file: Path

    def says(self, words: str) -> None:
        """A member somewhere posts something that begins with these words."""
        channels, members = self.chance.choice(self.places)
        text = " ".join([words, *self.chance.choices(_WORDS, k=self.chance.randint(3, 25))]).strip()
        self.server.post(self.chance.choice(members), self.chance.choice(channels), text)

    def settled(self) -> int:
        """How many messages were settled so far."""
        with closing(sqlite3.connect(self.file)) as database:
            (count,) = database.execute("SELECT count(*) FROM submissions WHERE state = 'settled'").fetchone()
        return int(count)


@asynccontextmanager
async def _town(folder: Path, seed: int) -> AsyncIterator[Town]:
    server = SandboxServer()
    application = server.world.add_application("Lawspeaker")
    url = f"sqlite+aiosqlite:///{folder / 'town.sqlite3'}"
    await schema.upgrade(url)
    store = Store(url)
    await server.start()
    environ = {
        "LAWSPEAKER_DISCORD_TOKEN": application.token,
        "LAWSPEAKER_DATA_DIR": str(folder),
        "LAWSPEAKER_DATABASE_URL": url,
        "LAWSPEAKER_WEB_PORT": "0",
        "LAWSPEAKER_DISCORD_API_BASE": server.api_base,
        "LAWSPEAKER_DISCORD_GATEWAY": server.gateway_url,
    }
    try:
        places = [await _place(server, application, store, number) for number in range(SERVERS)]
        yield Town(server, application, environ, places, random.Random(seed), folder / "town.sqlite3")
    finally:
        await store.close()
        await server.stop()


async def _place(
    server: SandboxServer, application: Application, store: Store, number: int
) -> tuple[list[Channel], list[User]]:
    world = server.world
    guild = world.add_guild(f"Server {number}", world.add_user(f"owner-{number}"))
    members = [world.add_user(f"member-{number}-{one}") for one in range(MEMBERS)]
    for member in members:
        world.join(guild, member)
    channels = [world.add_channel(guild, f"channel-{one}") for one in range(CHANNELS)]
    log = world.add_channel(guild, "mod-log")
    server.invite(guild, application)
    await store.guilds.update(guild.id, mode=Mode.ENFORCE, log_channel_id=log.id, brake_actions=100_000)
    for channel in channels:
        await store.guilds.watch(guild.id, channel.id)
    draft = await store.policies.save_draft(guild.id, POLICY, members[0].id)
    await store.policies.publish(guild.id, draft.digest, members[0].id)
    return channels, members


@asynccontextmanager
async def bot_process(what: str, environ: Mapping[str, str]) -> AsyncIterator[Process]:
    """A process of `benchmarks.pipeline_bot` that serves."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.pipeline_bot", what, stdin=PIPE, stdout=PIPE, stderr=PIPE,
        env={"PYTHONPATH": str(Path(__file__).parents[1]), "LAWSPEAKER_LOG_FORMAT": "json", **environ},
    )  # fmt: skip
    assert process.stderr is not None
    reading = None
    try:
        said = b""
        while b'"event": "ready"' not in said:
            line = await asyncio.wait_for(process.stderr.readline(), PATIENCE)
            if not line:
                raise SystemExit(f"the bot ended by itself:\n{said.decode()}")
            said += line
        reading = asyncio.create_task(process.stderr.read())
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        if reading is not None:
            await reading
        await process.wait()


async def _used(process: Process) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"\n")
    found: dict[str, Any] = json.loads(await asyncio.wait_for(process.stdout.readline(), PATIENCE))
    return found


async def _cost(town: Town, process: Process, messages: int, cases: float, rate: float, *, judged: bool = True) -> Cost:
    """Post so many messages at a rate, of which a share opens cases; what they cost until each is settled.

    Where none is `judged`, until a second has passed.
    """
    opening = set(town.chance.sample(range(messages), round(messages * cases)))
    loop = asyncio.get_running_loop()
    settled, before, begun = town.settled(), await _used(process), loop.time()
    for number in range(messages):
        town.says(f"rule {town.chance.choice('123')}" if number in opening else "")
        await asyncio.sleep(max(0.0, begun + (number + 1) / rate - loop.time()))
    await asyncio.sleep(1.0)
    while judged and town.settled() < settled + messages:
        if loop.time() > begun + messages / rate + PATIENCE:
            raise SystemExit("The bot did not settle all that was posted.")
        await asyncio.sleep(0.1)
    after = await _used(process)

    def each(key: str) -> float:
        return float(after[key] - before[key]) / messages

    parts = {
        name: 1_000 * (spent - before["parts"].get(name, 0.0)) / messages for name, spent in after["parts"].items()
    }
    cpu, main = 1_000 * each("cpu"), 1_000 * each("main")
    return Cost(messages, len(opening), rate, cpu, main, cpu - main, each("statements"), after["rss_mb"], parts)


async def measured(seed: int, messages: int) -> dict[str, Cost]:
    """All runs, by what they are."""
    found: dict[str, Cost] = {}
    with tempfile.TemporaryDirectory() as folder:
        async with _town(Path(folder), seed) as town:
            async with bot_process("client", town.environ) as process:
                found["received only, 200 a second"] = await _cost(town, process, messages, 0.0, 200.0, judged=False)
            async with bot_process("bot", town.environ) as process:
                await _cost(town, process, 200, 0.1, 200.0)  # what is made once, as compiled statements
                found["allowed, 200 a second"] = await _cost(town, process, messages, 0.0, 200.0)
                found["allowed, 20 a second"] = await _cost(town, process, messages // 8, 0.0, 20.0)
                found["a tenth opens cases, 200 a second"] = await _cost(town, process, messages // 4, 0.1, 200.0)
            async with bot_process("metered", town.environ) as process:
                await _cost(town, process, 200, 0.1, 200.0)
                found["allowed, metered"] = await _cost(town, process, messages // 2, 0.0, 200.0)
                found["allowed, 20 a second, metered"] = await _cost(town, process, messages // 8, 0.0, 20.0)
                found["a tenth opens cases, metered"] = await _cost(town, process, messages // 8, 0.1, 200.0)
    return found


def _shown(found: dict[str, Cost]) -> str:
    lines = [f"{'a message':36}{'CPU ms':>8}{'main':>8}{'others':>8}{'SQL':>8}{'RSS MB':>8}"]
    for name, cost in found.items():
        numbers = f"{cost.cpu_ms:8.2f}{cost.main_ms:8.2f}{cost.others_ms:8.2f}{cost.statements:8.2f}{cost.rss_mb:8.0f}"
        lines.append(f"{name:36}{numbers}")
        if cost.parts_ms:
            rest = cost.main_ms - sum(cost.parts_ms.values())
            parts = {**cost.parts_ms, "the library, the loop": rest, "other threads": cost.others_ms}
            lines += [f"    {part:32}{spent:8.2f}" for part, spent in parts.items()]
    plain, mixed = found["allowed, 200 a second"], found["a tenth opens cases, 200 a second"]
    share = mixed.cases / mixed.messages
    case = (mixed.cpu_ms - (1 - share) * plain.cpu_ms) / share
    lines.append(f"A case costs {case:.1f} ms.")
    return "\n".join(lines)


def main() -> None:
    """Measure, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = asyncio.run(measured(given.seed, given.messages))
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    if given.json:
        costs = {name: asdict(cost) for name, cost in found.items()}
        print(json.dumps({"machine": machine, "seed": given.seed, "costs": costs}, indent=2))
    else:
        print(f"{machine}, seed {given.seed}\n{_shown(found)}")


if __name__ == "__main__":
    main()
