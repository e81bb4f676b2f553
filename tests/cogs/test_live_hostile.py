"""What people wrote pings, formats, links and commands nothing, wherever the bot repeats it.

One text that tries all of it stands in every place that somebody who is no moderator can fill: messages with all that
belongs to one, names of members, servers, roles, threads and files, and appeals. Moderators then look at everything.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from rich.console import Console

from bot.cli.trialview import ConsoleView
from bot.sandbox import serialise
from bot.sandbox.exchange import Exchange
from bot.sandbox.model import Message
from bot.sandbox.posting import Upload
from bot.trial.trial import Settled
from tests.cogs.cases.desk import press, told
from tests.cogs.forging import SUGGESTIONS
from tests.cogs.live import file_in, hand
from tests.cogs.logged import logged
from tests.cogs.scripted_stage import running_stage
from tests.stage import Scene, Stage

__all__ = ["running_stage"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

MARK = "quincunx"
FORMULAS = ("=", "+", "-", "@")
CONTROLS = ("\x1b", "\x9b", "\x07", "\u202e", "\u2066")
"""What moves a terminal's cursor, rings, or turns the direction of reading."""
ACTIVE = (
    "@everyone",
    "@here",
    "<@5>",
    "<@&6>",
    "<#7>",
    "</setup",
    "<t:7",
    "**bold",
    "__under",
    "](https://gift",
    "`code",
    "||hush",
    "\n# head",
    "\n> quote",
    "\n-# small",
    "\n* list",
    "https://gift",
    *CONTROLS,
)
"""What would do something, were it repeated as it was written."""
HOSTILE = (
    f'=HYPERLINK("https://gift.example") {MARK} @everyone @here <@5> <@&6> <#7> </setup:1> <t:7:R> **bold** __under__ '
    "[free](https://gift.example) `code` ||hush|| \x1b[2J\x9b2J\x07\u202e\u2066;=1+1\n# head\n> quote\n-# small\n* list"
    "\n-1+1\n@SUM(A1)"
)
NAME = f"=1 {MARK} @everyone <@5> **bold** \x1b[2J\u202e"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that is logged, in the form for terminals and at the lowest level."""
    with logged("console") as stream:
        yield stream


def strings(body: Any) -> Iterator[str]:
    """Every text in what was sent."""
    if isinstance(body, str):
        yield body
    elif isinstance(body, dict):
        for one in body.values():
            yield from strings(one)
    elif isinstance(body, list):
        for one in body:
            yield from strings(one)


def spoken(exchanges: list[Exchange]) -> list[Exchange]:
    """What the bot said: its messages, answers, suggestions and modals, and their later forms."""
    return [
        one
        for one in exchanges
        if one.by_bot
        and one.method in {"POST", "PATCH"}
        and isinstance(one.request_body, dict)
        and ("/messages" in one.path or one.path.endswith("/callback") or one.path.startswith("/webhooks"))
    ]


def made_hostile(scene: Scene) -> None:
    """The server, a role and the member are named so that it would hurt."""
    scene.guild.name = NAME
    scene.server.hub.tell_guild(scene.guild, "GUILD_UPDATE", serialise.guild(scene.guild))
    scene.member.global_name = NAME
    scene.server.moderation.create_role(scene.guild, NAME)


def with_everything(scene: Scene, **where: Any) -> Message:
    """A message with all that a message can have, each part of it hostile."""
    return scene.post(
        HOSTILE,
        files=[Upload("notes.txt", HOSTILE.encode()), Upload(f"{NAME}.png", b"no picture")],
        embeds=[{"title": HOSTILE, "description": HOSTILE, "fields": [{"name": HOSTILE, "value": HOSTILE}]}],
        poll={
            "question": {"text": HOSTILE[:300]},
            "answers": [{"poll_media": {"text": HOSTILE[:55]}}, {"poll_media": {"text": "no"}}],
            "duration": 1,
        },
        **where,
    )


async def played(scene: Scene) -> list[Message]:
    """Hostile messages of all kinds became cases, and moderators and their author use all there is about them."""
    made_hostile(scene)
    moderator, manager, member = [await hand(scene, one) for one in (scene.moderator, scene.manager, scene.member)]
    thread = scene.server.places.open_thread(scene.general, scene.member, {"name": NAME, "type": 11})
    await scene.settled(allowed := with_everything(scene))
    cases, posts = [], []
    for rule in ("2", "3", "5", "6"):
        await scene.break_rule(rule)
        posts.append(with_everything(scene, **({"channel": thread} if rule == "2" else {})))
        cases.append(await scene.case(posts[-1]))
    await scene.break_none()
    flagged, threat, scam, help_ = cases
    (warned,) = [one for one in told(scene, scene.member) if f"case {threat.number}" in one.content]
    shown = await member.client.message(warned.channel.id, warned.id)
    assert shown is not None
    pressed = await member.client.press(shown, "Appeal")
    assert pressed.modal is not None
    await member.client.submit(pressed.modal, {"text": HOSTILE[:900]})
    await member.client.press(shown, "Appeal")
    for path in ("case note", "case answer"):
        await moderator.slash(path, number=threat.number, text=HOSTILE[:900])
    await press(moderator, flagged, "Confirm")
    await press(moderator, help_, "More")
    await moderator.slash("case overturn", number=threat.number, reason=HOSTILE[:300])
    for case in cases:
        await moderator.slash("case view", number=case.number)
        await moderator.slash("why", message=str(case.number))
    await moderator.slash("why", message=str(allowed.id))
    await moderator.menu("Check against policy", allowed)
    await moderator.slash("policy test", text=HOSTILE)
    for path in ("case list", "queue", "stats", "health"):
        await moderator.slash(path)
    await moderator.slash("case list", rule=HOSTILE[:32])
    await moderator.slash("why", message=HOSTILE[:200])
    await moderator.slash("policy show", version=HOSTILE[:20])
    owner = await hand(scene, scene.owner)
    await owner.menu("Report to moderators", allowed)
    role_id = next(one.id for one in scene.guild.roles.values() if one.name == NAME)
    await manager.slash("access give", role=role_id, group="cases")
    await manager.slash("access list")
    await manager.client.autocomplete(scene.guild.id, scene.general.id, "access reset", "said")
    await moderator.client.autocomplete(scene.guild.id, scene.general.id, "case view", "number")
    for path in ("settings", "setup"):
        await manager.slash(path)
    assert scam.number
    return posts


async def test_nothing_that_is_repeated_does_anything(scene: Scene, stage: Stage, log: io.StringIO) -> None:
    await played(scene)
    said = spoken(stage.exchanges)
    found = [
        (one.method, one.path.split("/")[1], active, text)
        for one in said
        for text in strings(one.request_body)
        # Discord shows choices as they are written, and makes nothing of markup in them.
        for active in (CONTROLS if one.request_body.get("type") == SUGGESTIONS else ACTIVE)
        if re.search(rf"(?<!\\){re.escape(active)}", f"\n{text}")
    ]
    assert found == []
    repeated = [one for one in said if any(MARK in text for text in strings(one.request_body))]
    assert len(repeated) > 20, "it is repeated, so that it could do something"
    for one in said:
        body = one.request_body.get("data", {}) if one.path.endswith("/callback") else one.request_body
        if body.get("content") or body.get("embeds"):
            assert body["allowed_mentions"]["parse"] == [], one.path
    everywhere = [*scene.log.messages, *scene.general.messages, *told(scene, scene.member)]
    bots = [message for message in everywhere if message.author is scene.bot]
    assert len(bots) > 5
    for message in bots:
        assert (message.mentions, message.mention_everyone) == ([], False)
        assert set(message.mention_roles) <= {scene.moderator_role_id}
    for line in log.getvalue().splitlines():
        assert line.isprintable(), line
        assert MARK not in line


async def test_exports_are_tables_and_objects_of_which_nothing_is_run(scene: Scene) -> None:
    await played(scene)
    moderator, manager = await hand(scene, scene.moderator), await hand(scene, scene.manager)
    exported = await moderator.slash("case export")
    table = file_in(scene, exported, "cases.csv")
    for separator in (",", ";", "\t"):
        rows = list(csv.reader(io.StringIO(table, newline=""), delimiter=separator, quoting=_as_read(separator)))
        cells = [cell.lstrip(' "') for row in rows for cell in row]
        assert any(MARK in cell for cell in cells)
        assert [cell for cell in cells if cell.startswith(FORMULAS)] == []
    cases = json.loads(file_in(scene, exported, "cases.json"))["cases"]
    assert HOSTILE in cases[-1]["text"]
    told_of = await manager.slash("privacy export", member=scene.member.id)
    held = json.loads(file_in(scene, told_of, f"member-{scene.member.id}.json"))
    assert any(HOSTILE in one["text"] for one in held["messages"])


def _as_read(separator: str) -> int:
    """A spreadsheet that cuts at another separator takes quotes in the middle for ordinary characters."""
    return csv.QUOTE_MINIMAL if separator == "," else csv.QUOTE_NONE


async def test_the_trials_view_in_a_terminal_shows_it_and_obeys_nothing(scene: Scene) -> None:
    await scene.break_rule("3")
    scene.member.global_name = NAME
    message = scene.post(HOSTILE)
    case, judgement = await scene.case(message), await scene.settled(message)
    file = io.StringIO()
    view = ConsoleView(Console(file=file, highlight=False, soft_wrap=True))
    view.settled(Settled(judgement, case, NAME))
    view.settled(Settled(judgement, None, NAME))
    assert MARK in file.getvalue()
    assert [one for one in CONTROLS if one in file.getvalue()] == []
    assert all(line.isprintable() for line in file.getvalue().splitlines())
