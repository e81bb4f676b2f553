"""Each server hears its own language, also where several are served at the same time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import update

from bot.domain.policy import ActionKind
from bot.domain.records import CLAIM_LASTS, CaseRecord
from bot.domain.warning import DEFAULT_TEMPLATE, fill
from bot.language import catalogue
from bot.pipeline.claims import Claims
from bot.pipeline.heads import HeadPosts
from bot.pipeline.lacks import Lacks
from bot.sandbox.model import Message
from bot.store import tables
from bot.store.chain_tables import ChainPost
from tests.cogs.cases.desk import post_of, told
from tests.cogs.scripted_stage import held, judge_of, running_stage
from tests.stage import ASK, Scene, Stage, until

__all__ = ["running_stage"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

HEAD = (
    "On {day} the chain of this server's records ends with link {link}, whose hash is {hash}. "
    "With it `lawspeaker db check --head` shows whether they are still the same."
)


def said(language: str, english: str) -> str:
    """A text in a language, which has it in words of its own."""
    found = catalogue(language).gettext(english)
    assert found != english
    return found


@pytest_asyncio.fixture(loop_scope="session")
async def servers(stage: Stage) -> dict[str, Scene]:
    """A server that is German on Discord, and one that chose French itself, by the language each is to hear."""
    german, french = await stage.scene(locale="de"), await stage.scene()
    await french.store.guilds.update(french.guild.id, language="fr")
    return {"de": german, "fr": french}


def title_of(post: Message) -> str:
    return str(post.embeds[0]["title"])


def fields_of(post: Message) -> set[str]:
    return {field["name"] for field in post.embeds[0]["fields"]}


def labels_of(post: Message) -> set[str]:
    return {one["label"] for row in post.components for one in row["components"] if "label" in one}


async def test_of_two_servers_served_at_once_each_is_written_to_in_its_language(servers: dict[str, Scene]) -> None:
    for scene in servers.values():
        await scene.break_rule("3")
    judge = judge_of(servers["de"])
    with held(judge.may_explain), held(judge.may_classify):
        posted = {(code, n): scene.post(f"threat {n}") for n in range(3) for code, scene in servers.items()}
        for scene in servers.values():
            await scene.queued(3)
    cases = {key: await servers[key[0]].case(message) for key, message in posted.items()}
    for (code, _), case in cases.items():
        scene = servers[code]
        post = post_of(scene, case)
        head = said(code, "Case {number} · {headline}").format(number=case.number, headline="")
        assert title_of(post).startswith(head)
        assert {said(code, one) for one in ("Reason", "Probability")} <= fields_of(post)
        assert {said(code, one) for one in ("Confirm", "Overturn")} <= labels_of(post)
        values = {
            "server": scene.guild.name,
            "rule": "3",
            "rule_text": "No threats.",
            "case": str(case.number),
            "what": said(code, "was removed"),
        }
        wanted = fill(said(code, DEFAULT_TEMPLATE), values)
        assert [one.content for one in told(scene, scene.member)].count(wanted) == 1


async def test_what_the_bot_does_by_itself_for_several_servers_is_said_in_the_language_of_each(
    servers: dict[str, Scene],
) -> None:
    await HeadPosts(servers["de"].stage.trial.app.client, servers["de"].store, Lacks()).post_due(datetime.now(UTC))
    cases = {}
    for code, scene in servers.items():
        await scene.break_rule("2", ASK)
        case = await scene.case(scene.post("come to my shop"))
        cases[code] = await scene.stage.trial.app.pipeline.reviews.claim(case, scene.moderator.id)
    app = servers["de"].stage.trial.app
    await Claims(app.client, app.store, app.pipeline.reviews.showing).free_lapsed(datetime.now(UTC) + CLAIM_LASTS)
    for code, scene in servers.items():
        (head,) = [one for one in scene.log.messages if not one.embeds]
        assert head.content.startswith(said(code, HEAD).partition("{")[0])
        post = post_of(scene, cases[code])
        assert said(code, "needs a human") in title_of(post)
        assert {said(code, one) for one in ("Claim", "More")} <= labels_of(post)
        assert said(code, "Claimed") not in fields_of(post)


async def forget_what_was_done(scene: Scene, case: CaseRecord) -> None:
    """What a process leaves that ends before it has recorded that it warned and posted; nonces have lapsed by then."""
    about, earlier = tables.Case.guild_id == scene.guild.id, case.created_at - timedelta(minutes=1)
    lost = {"log_channel_id": None, "log_message_id": None, "log_nonce": "another", "created_at": earlier}
    (warned,) = [one.id for one in case.actions if one.action.kind is ActionKind.WARN]
    async with scene.store._engine.begin() as connection:
        await connection.execute(update(tables.Case).where(about).values(lost))
        action = update(tables.Action).where(tables.Action.id == warned)
        await connection.execute(action.values(outcome="attempted", nonce="another"))
        journal = update(tables.Submission).where(tables.Submission.id == case.journal_id)
        await connection.execute(journal.values(state="judged"))
        head = update(ChainPost).where(ChainPost.guild_id == scene.guild.id)
        await connection.execute(head.values(message_id=None, nonce="another"))


@pytest.mark.parametrize("then", ["es", "en"])
async def test_what_was_said_in_one_language_is_found_again_when_another_is_spoken(scene: Scene, then: str) -> None:
    """A process that ended had posted and warned, and had recorded neither; a moderator chose a language meanwhile."""
    await scene.store.guilds.update(scene.guild.id, language="fr")
    await scene.break_rule("3")
    case = await scene.case(scene.post("a threat"))
    app = scene.stage.trial.app
    await HeadPosts(app.client, app.store, Lacks()).post_due(datetime.now(UTC))
    await forget_what_was_done(scene, case)
    await scene.store.guilds.update(scene.guild.id, language=then)
    await app.pipeline._casework.resume()
    await HeadPosts(app.client, app.store, Lacks()).post_due(datetime.now(UTC))

    async def is_posted() -> bool:
        now = await scene.store.cases.get(scene.guild.id, case.number)
        return now is not None and now.log_message_id is not None

    await until(is_posted)
    assert len(told(scene, scene.member)) == 1
    assert [bool(one.embeds) for one in scene.log.messages] == [True, False]
