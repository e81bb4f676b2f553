"""`lawspeaker case`: what was made of messages, with rationale, actions and reviews."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import typer

from bot.cli.common import AsJson, CliError, existing_store, print_json, say, settings_for_command
from bot.cli.ids import snowflake
from bot.discord_io.limits import clip
from bot.discord_io.text import terminal
from bot.domain.audit import THE_SHELL
from bot.domain.case_filter import CaseFilter
from bot.domain.moderators import OPERATOR
from bot.domain.records import CaseRecord, versions_named
from bot.domain.submission import message_link
from bot.domain.verdict_json import case_json
from bot.domain.withholding import NOT_SHOWN, as_shown
from bot.settings import Settings
from bot.store import Store

app = typer.Typer(help="Look at cases, and export them.", no_args_is_help=True)

PAGE = 200

OfGuild = Annotated[
    int | None,
    typer.Option("--guild", metavar="ID", parser=snowflake, help="Of this server only.", show_default=False),
]


@app.command("list")
def list_cases(
    guild: OfGuild = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1_000, help="How many at most.")] = 50,
    text: Annotated[
        str | None,
        typer.Option(
            "--text",
            metavar="WORDS",
            help="Only those with all these words in the message, the reason or the notes.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List cases, newest first. With --text, those of one server: --guild may be left out where there is no other."""
    cases = asyncio.run(_list(settings_for_command(), guild, limit, text))
    if as_json:
        print_json({"cases": [case_json(case) for case in cases]})
    elif not cases:
        print("There are no cases." if text is None else "There are no such cases.")
    else:
        for case in cases:
            print(_row(case))


@app.command()
def show(
    number: Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="The case's number.")],
    guild: OfGuild = None,
    as_json: AsJson = False,
) -> None:
    """Show one case. --guild may be left out where there is one server only. The exit status is 1 for no such case."""
    case = asyncio.run(_show(settings_for_command(), guild, number))
    if case is None:
        say(f"There is no case {number}.")
        raise typer.Exit(1)
    if as_json:
        print_json(case_json(case))
    else:
        _print_in_words(case)


@app.command()
def export(
    guild: OfGuild = None,
    _as_json: Annotated[bool, typer.Option("--json", help="As it is in any case.")] = False,
) -> None:
    """Write every case as a line of JSON on stdout, newest first within a server."""
    asyncio.run(_export(settings_for_command(), guild))


async def _list(settings: Settings, guild_id: int | None, limit: int, text: str | None) -> list[CaseRecord]:
    async with existing_store(settings) as store:
        if text is not None:
            return await store.search.find(await _only(store, guild_id), CaseFilter(text=text), limit)
        return await store.cases.list(guild_id, limit)


async def _show(settings: Settings, guild_id: int | None, number: int) -> CaseRecord | None:
    async with existing_store(settings) as store:
        return await store.cases.get(await _only(store, guild_id), number)


async def _only(store: Store, guild_id: int | None) -> int:
    """The server that was named, or the only one; CliError where there are more."""
    if guild_id is not None:
        return guild_id
    known = await store.guilds.known()
    if len(known) > 1:
        raise CliError("There are several servers: say whose case is meant with --guild.")
    return known[0] if known else 0


async def _export(settings: Settings, guild_id: int | None) -> None:
    async with existing_store(settings) as store:
        for one in [guild_id] if guild_id is not None else await store.guilds.known():
            async for case in _all_cases(store, one):
                print_json(case_json(case))


async def _all_cases(store: Store, guild_id: int) -> AsyncIterator[CaseRecord]:
    """A server's cases, a page at a time, so that memory holds one page."""
    before: int | None = None
    while page := await store.cases.list(guild_id, PAGE, before):
        for case in page:
            yield case
        before = page[-1].number


def _row(case: CaseRecord) -> str:
    rule = f"rule {terminal(case.decision.rule, 12)}" if case.decision.rule else "no rule"
    actions = ", ".join(f"{one.action} {one.outcome.value}" for one in case.actions) or case.decision.outcome.value
    when = case.created_at.strftime("%Y-%m-%d %H:%M")
    author = terminal(case.submission.author_name, 24)
    return f"{case.guild_id}  #{case.number:<5} {when}  {rule:<10} {actions:<28} {author}: {_said(case, 60)}"


def _said(case: CaseRecord, most: int) -> str:
    if case.only_linked:
        return clip(NOT_SHOWN, most)
    return terminal(case.submission.text, most) or "(no longer kept)"


def _print_in_words(case: CaseRecord) -> None:
    case = as_shown(case)
    verdict, submission = case.verdict, case.submission
    link = message_link(submission.guild_id, submission.channel_id, submission.message_id)
    rows = {
        "case": f"#{case.number} of server {case.guild_id}, {case.created_at:%Y-%m-%d %H:%M:%S} UTC",
        "message": f"{submission.message_id} in channel {submission.channel_id}",
        "author": f"{terminal(submission.author_name, 40)} ({submission.author_id})",
        "link": link if case.only_linked else "",
        "text": _said(case, 2_000),
        "decision": f"{case.decision.outcome.value} ({case.mode.value})",
        "reason": terminal(case.decision.reason),
        "rule": terminal(case.decision.rule or ""),
        "ladder": terminal(case.decision.stepped),
        "probability": f"{case_json(case)['probability']:.2f}" if verdict else "",
        "rationale": terminal(verdict.rationale, 600) if verdict else "",
        "quote": terminal(verdict.quote, 600) if verdict else "",
        "reasoning": terminal(verdict.reasoning, 4_000) if verdict else "",
        "policy": versions_named(case.policy_number, case.extends) if case.policy_number else "",
        "model": terminal(verdict.model) if verdict else "",
    }
    for name, value in rows.items():
        if value:
            print(f"{name:<13}{value}")
    for action in case.actions:
        note = f": {terminal(action.note)}" if action.note else ""
        print(f"{'action':<13}{action.action} {action.outcome.value}{note}")
        if action.undoing is not None:
            print(f"{'undoing':<13}{action.action} {action.undoing.outcome.value}: {terminal(action.undoing.note)}")
    for review in case.reviews:
        note = f": {terminal(review.note)}" if review.note else ""
        print(f"{'review':<13}{review.kind.value} by {_who(review.reviewer_id)}, {review.at:%Y-%m-%d %H:%M}{note}")
    for written in case.notes:
        print(f"{'note':<13}{_who(written.author_id)}, {written.at:%Y-%m-%d %H:%M}: {terminal(written.text, 1_000)}")


def _who(moderator_id: int) -> str:
    return OPERATOR if moderator_id == THE_SHELL else str(moderator_id)
