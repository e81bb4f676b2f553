"""What each picture shows: a scene for each, by the picture's name, played by people of a server and the real bot."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.cli.chatfile import read_chat
from bot.domain.policy_text import parse_policy
from bot.resources import resource_dir
from bot.sandbox import serialise
from bot.sandbox.answer import walk
from docs.month import live_through_a_month
from docs.page import Opened, Sheet, Shown
from docs.stage import Hand, SceneError, Stage

Scene = Callable[[Stage], Awaitable[Sheet]]

EXAMPLE = resource_dir("sandbox/example")
TEMPLATES = ("harassment", "scams", "advertising")
"""The packs that are merged in the picture of `/setup`."""
APPEAL = "Somebody else was in my account last night. I have it back now, and changed the password."


def said(author: str, number: int = 0) -> str:
    """What somebody says in the example chat, counted from 0."""
    lines = [line.content for line in read_chat(EXAMPLE / "chat.jsonl") if line.author == author]
    return lines[number]


async def setup(stage: Stage) -> Sheet:
    """`/setup` on a new server, when channels, log and templates are picked and *Publish* is yet to be pressed."""
    server = stage.new_server()
    moderator = await server.hand()
    ids = {name: str(channel.id) for name, channel in server.channels.items()}
    shown = await moderator.slash("setup")
    shown = await moderator.pick(shown, "lawspeaker:setup:watch", ids["general"], ids["engines"], ids["art"])
    shown = await moderator.pick(shown, "lawspeaker:setup:log", ids["mod-log"])
    shown = await moderator.pick(shown, "lawspeaker:setup:packs", *TEMPLATES)
    return server.sheet([_with_button(shown, "Publish")], "mod-log")


async def settings(stage: Stage) -> Sheet:
    """`/settings`, open at the thresholds."""
    server = await stage.server()
    moderator = await server.hand()
    shown = await moderator.slash("settings")
    shown = await moderator.pick(shown, "lawspeaker:settings:page", "thresholds")
    if "lawspeaker:settings:rule:thresholds" not in {one.get("custom_id") for one in walk(shown.message["components"])}:
        raise SceneError("/settings did not open its page")
    return server.sheet([shown], "mod-log")


async def policy_edit(stage: Stage) -> Sheet:
    """What comes back for an edited policy: the difference, the linter's findings, *Publish*."""
    server = await stage.server()
    return server.sheet([await _drafted(await server.hand(), stage.policy)], "mod-log")


async def policy_test(stage: Stage) -> Sheet:
    """A text under the live policy and the draft, side by side."""
    server = await stage.server()
    moderator = await server.hand()
    await _drafted(moderator, stage.policy)
    # The draft's card is compiled beforehand: a slow machine may take longer for it than a member's app waits.
    await stage.trial.app.judge.prepare(parse_policy(_changed(stage.policy)))
    shown = await moderator.slash("policy test", text=said("drumlin"))
    if not shown.message["embeds"]:
        raise SceneError(f"/policy test came to nothing: {shown.message['content']}")
    return server.sheet([shown], "mod-log")


async def mod_log(stage: Stage) -> Sheet:
    """Two cases in the mod log: one that was acted on, one that was only flagged."""
    server = await stage.server()
    cases = [await server.case(author, said(author)) for author in ("quickgift", "drumlin")]
    return server.sheet([server.log_post(case) for case in cases], "mod-log")


async def queue(stage: Stage) -> Sheet:
    """A report, a call for a human and an appeal wait in `/queue`; *Next* claims the oldest."""
    server = await stage.server()
    reported = await server.judged("copperkettle", said("copperkettle"))
    await (await server.hand("drumlin")).menu("Report to moderators", reported)
    await server.case("weathervane", said("weathervane"))
    await server.case("quickgift", said("quickgift"))
    author = await server.hand("quickgift")
    await author.submit(await author.press_for_modal(await author.letter(), "Appeal"), "Appeal", text=APPEAL)
    moderator = await server.hand()
    shown = await moderator.slash("queue")
    claimed = await moderator.press(_with_button(shown, "Next"), "Next")
    return server.sheet([shown, _with_button(claimed, "Release")], "mod-log")


async def appeal(stage: Stage) -> Sheet:
    """What a warned member is told, and the modal that *Appeal* opens."""
    server = await stage.server()
    await server.case("quickgift", said("quickgift"))
    author = await server.hand("quickgift")
    letter = await author.letter()
    modal = await author.press_for_modal(letter, "Appeal")
    opened = Opened(modal.title, modal.components, {"text": APPEAL})
    return server.sheet([Shown(letter), opened], stage.trial.application.name, mark="@")


async def why(stage: Stage) -> Sheet:
    """*Why?* on a harsh message that was allowed, rule by rule."""
    server = await stage.server()
    message = await server.judged("copperkettle", said("copperkettle"))
    answer = await (await server.hand()).menu("Why?", message)
    return server.sheet([Shown(serialise.message(message)), answer])


async def stats(stage: Stage) -> Sheet:
    """`/stats` after a month, with its picture."""
    server = await stage.server()
    await live_through_a_month(server, read_chat(EXAMPLE / "chat.jsonl"))
    shown = await (await server.hand()).slash("stats")
    if not shown.message["attachments"]:
        raise SceneError("/stats came without its picture")
    return server.sheet([shown], "mod-log")


async def _drafted(moderator: Hand, policy: str) -> Shown:
    """The answer to an edit that makes advertising cost more and adds a rule, which does not say what is to be done."""
    modal = await moderator.open("policy edit")
    return _with_button(await moderator.submit(modal, "/policy edit", source=_changed(policy)), "Publish")


def _changed(policy: str) -> str:
    text = policy.replace("#promo. [flag]", "#promo. [delete, warn]")
    return text.replace("\n\n## Fine", "\n5. No spoilers: how the story of a game ends.\n\n## Fine")


def _with_button(shown: Shown, label: str) -> Shown:
    """The same; SceneError where it lacks the button by which it is known to be what the picture is of."""
    labels = [one.get("label") for one in walk(shown.message["components"])]
    if label not in labels:
        raise SceneError(f"{shown.used or 'an answer'} shows no button {label}: {shown.message['content'] or labels}")
    return shown


UNJUDGED: dict[str, Scene] = {"setup": setup, "settings": settings, "policy-edit": policy_edit}
"""Scenes in which no message is judged."""
JUDGED: dict[str, Scene] = {
    "policy-test": policy_test,
    "mod-log": mod_log,
    "queue": queue,
    "why": why,
    "appeal": appeal,
    "stats": stats,
}
"""Scenes with verdicts, which only the default model makes honest."""
SCENES = UNJUDGED | JUDGED
