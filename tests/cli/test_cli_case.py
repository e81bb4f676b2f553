"""`lawspeaker case` and the JSON of verdicts: cases with verdict, rationale, actions and reviews."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.decision import Decision, Mode, Outcome, review_for
from bot.domain.policy import Action, ActionKind
from bot.domain.records import ActionOutcome, CaseRecord, ReviewKind
from bot.domain.submission import Submission
from bot.domain.verdict import Verdict
from bot.domain.verdict_json import case_json, settled_json, verdict_json
from bot.store import Store, schema

GUILD = 81384788765712384
WORDS = "he dies\x1b[2J at the\u202e end"
VERDICT = Verdict(
    rule="1",
    probabilities={"1": 0.97, "2": 0.02},
    policy_digest="d" * 64,
    model="tiny",
    model_digest="m" * 64,
    reasoning="They give the end away.\x1b[0m",
    timings_ms={"judge": 812.3456},
)
ACT = Decision(Outcome.ACT, "1", (Action(ActionKind.DELETE), Action(ActionKind.TIMEOUT, timedelta(hours=1))))
VERDICT_KEYS = set(
    "text violates rule probability rules decision actions rationale quote policy_digest model model_digest method "
    "timings_ms".split()
)
SETTLED_KEYS = VERDICT_KEYS | {"message_id", "revision", "channel", "author", "case"}


def submission(message_id: int, guild_id: int = GUILD) -> Submission:
    return Submission(
        guild_id=guild_id,
        channel_id=10,
        message_id=message_id,
        revision=0,
        author_id=2**60,
        author_name="Mole\x1b[31m",
        text=WORDS,
        normalised=WORDS,
        context=(),
        posted_at=datetime.now(UTC),
    )


async def make_cases(url: str, submissions: Sequence[Submission]) -> list[CaseRecord]:
    """A case each: deleted, the timeout failed; explained and confirmed."""
    await schema.upgrade(url)
    store = Store(url)
    cases = []
    for one in submissions:
        (journal_id,) = await store.journal.append([one])
        case = await store.journal.open_case(journal_id, VERDICT, ACT, Mode.ENFORCE, 1, ACT.actions, datetime.now(UTC))
        await store.cases.finish(case.actions[0].id, ActionOutcome.DONE)
        await store.cases.finish(case.actions[1].id, ActionOutcome.FAILED, "the bot lacks a permission")
        await store.cases.explained(one.guild_id, case.number, "It tells the end.\x1b[0m", "at the")
        cases.append(await store.reviews.answer(one.guild_id, case.number, ReviewKind.CONFIRM, 42, note="quite so"))
    await store.close()
    return cases


@pytest.fixture
def url(data_dir: Path) -> str:
    return f"sqlite+aiosqlite:///{data_dir / 'lawspeaker.sqlite3'}"


@pytest.fixture
def cases(url: str) -> list[CaseRecord]:
    return asyncio.run(make_cases(url, [submission(1), submission(2)]))


# -- the JSON ----------------------------------------------------------------------------------------------


def test_a_verdict_in_json_has_these_keys_and_says_what_the_decision_makes_of_it() -> None:
    made = verdict_json("words", VERDICT, ACT)
    assert set(made) == VERDICT_KEYS
    assert (made["violates"], made["rule"], made["probability"], made["decision"]) == (True, "1", 0.97, "act")
    assert made["rules"] == {"1": 0.97, "2": 0.02}
    assert made["actions"] == [
        {"kind": "delete", "duration_seconds": None},
        {"kind": "timeout", "duration_seconds": 3600},
    ]
    assert json.loads(json.dumps(made)) == made


def test_an_allowed_message_violates_nothing_names_no_rule_and_keeps_the_likeliest_rules_probability() -> None:
    made = verdict_json("words", VERDICT, Decision(Outcome.ALLOW))
    assert (made["violates"], made["rule"], made["actions"]) == (False, None, [])
    assert made["probability"] == 0.97


def test_a_review_violates_and_does_nothing_to_the_message() -> None:
    made = verdict_json("words", VERDICT, Decision(Outcome.REVIEW, "2"))
    assert (made["violates"], made["rule"], made["probability"], made["actions"]) == (True, "2", 0.02, [])


def test_where_judging_failed_it_is_a_review_without_a_verdict() -> None:
    made = verdict_json("words", None, review_for("the worker died"))
    assert set(made) == VERDICT_KEYS
    assert (made["violates"], made["decision"], made["probability"], made["model"]) == (True, "review", None, None)
    assert made["actions"] == []


def test_a_settled_submission_adds_where_it_stood_and_what_became_of_each_action(cases: list[CaseRecord]) -> None:
    (case, _) = cases
    made = case_json(case)
    assert set(made) > SETTLED_KEYS
    assert (made["message_id"], made["revision"], made["case"]) == ("1", 0, 1)
    assert [(one["kind"], one["outcome"], one["note"]) for one in made["actions"]] == [
        ("delete", "done", ""),
        ("timeout", "failed", "the bot lacks a permission"),
    ]


def test_a_settled_submission_that_was_allowed_has_no_case_and_no_actions(url: str) -> None:
    async def allowed() -> dict[str, Any]:
        await schema.upgrade(url)
        store = Store(url)
        (journal_id,) = await store.journal.append([submission(5)])
        await store.journal.settle_allowed(journal_id, VERDICT, Decision(Outcome.ALLOW), Mode.ENFORCE, 1)
        judgement = await store.journal.judgement(GUILD, 5)
        await store.close()
        assert judgement is not None
        return settled_json(judgement, None, "general")

    made = asyncio.run(allowed())
    assert set(made) == SETTLED_KEYS
    assert (made["channel"], made["author"], made["case"], made["actions"]) == ("general", "Mole\x1b[31m", None, [])
    assert made["text"] == WORDS


# -- the commands ------------------------------------------------------------------------------------------


def test_list_shows_the_newest_first_and_only_the_server_asked_for(run: Any, url: str, cases: list[CaseRecord]) -> None:
    asyncio.run(make_cases(url, [submission(3, guild_id=5)]))
    listed = json.loads(run("case", "list", "--json").out)["cases"]
    assert [(one["guild_id"], one["case"]) for one in listed] == [("5", 1), (str(GUILD), 2), (str(GUILD), 1)]
    rows = run("case", "list", "--guild", GUILD, "--limit", "1").out.splitlines()
    assert len(rows) == 1
    assert "#2" in rows[0]
    assert "delete done, timeout 1h failed" in rows[0]


def test_list_finds_words_of_the_message_and_of_the_reasons_on_one_server(
    run: Any, url: str, cases: list[CaseRecord]
) -> None:
    listed = json.loads(run("case", "list", "--text", "TELLS quite", "--json").out)["cases"]
    assert [one["case"] for one in listed] == [2, 1]
    assert run("case", "list", "--text", "nobodysaidthis").out == "There are no such cases.\n"
    asyncio.run(make_cases(url, [submission(3, guild_id=5)]))
    assert "--guild" in run("case", "list", "--text", "tells").sentence
    assert len(run("case", "list", "--guild", "5", "--text", "tells").out.splitlines()) == 1


def test_show_gives_rule_rationale_quote_actions_and_reviews(run: Any, cases: list[CaseRecord]) -> None:
    shown = run("case", "show", "1")
    assert shown.status == 0
    for words in ("It tells the end.", "at the", "0.97", "delete done", "lacks a permission", "confirm by 42"):
        assert words in shown.out
    told = json.loads(run("case", "show", "1", "--json").out)
    assert (told["rationale"], told["quote"]) == ("It tells the end.\x1b[0m", "at the")
    assert told["reviews"][0]["kind"] == "confirm"


def test_show_gives_moderators_what_the_judge_thought(run: Any, cases: list[CaseRecord]) -> None:
    assert "They give the end away." in run("case", "show", "1").out
    assert json.loads(run("case", "show", "1", "--json").out)["reasoning"] == "They give the end away.\x1b[0m"


def test_what_members_wrote_does_nothing_to_the_terminal(run: Any, cases: list[CaseRecord]) -> None:
    for arguments in (("list",), ("show", "1")):
        out = run("case", *arguments).out
        assert "he dies" in out
        assert "\x1b" not in out
        assert "\u202e" not in out


def test_a_case_that_is_not_there_is_status_1(run: Any, cases: list[CaseRecord]) -> None:
    ran = run("case", "show", "99")
    assert (ran.status, ran.out, ran.err) == (1, "", "There is no case 99.\n")


def test_show_asks_which_server_where_there_are_several(run: Any, url: str, cases: list[CaseRecord]) -> None:
    asyncio.run(make_cases(url, [submission(3, guild_id=5)]))
    assert "--guild" in run("case", "show", "1").sentence
    assert json.loads(run("case", "show", "1", "--guild", "5", "--json").out)["message_id"] == "3"


def test_export_writes_every_case_once_as_a_line_of_json(
    run: Any, url: str, cases: list[CaseRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.cli.case.PAGE", 2)
    asyncio.run(make_cases(url, [submission(n) for n in range(3, 6)] + [submission(9, guild_id=5)]))
    exported = [json.loads(line) for line in run("case", "export").out.splitlines()]
    assert sorted((one["guild_id"], one["case"]) for one in exported) == sorted(
        [("5", 1)] + [(str(GUILD), number) for number in range(1, 6)]
    )
    assert exported[0]["text"] == WORDS
    only = run("case", "export", "--guild", "5", "--json").out.splitlines()
    assert [json.loads(line)["message_id"] for line in only] == ["9"]


def test_no_cases_is_no_error(run: Any) -> None:
    run("db", "upgrade")
    assert run("case", "list").out == "There are no cases.\n"
    assert json.loads(run("case", "list", "--json").out) == {"cases": []}
    assert run("case", "export").out == ""
