"""What `/stats` says of a server, and that it stays within Discord's limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.discord_io.limits import EMBED_DESCRIPTION, EMBED_FIELD_VALUE, EMBED_TOTAL
from bot.domain.advice import AddExample, RaiseActAt
from bot.domain.calibration import RuleShift
from bot.domain.decision import Outcome
from bot.domain.figures import Answers, ByRule, Latency, Queue, Work
from bot.domain.policy import MAX_RULES, ActionKind, Rule
from bot.domain.records import ActionOutcome
from cogs.render_stats import Stats, stats_embeds

NOW = datetime(2026, 1, 2, tzinfo=UTC)
QUIET = Stats(30, Work(), Queue(), (), ByRule(), ByRule())
BUSY = Stats(
    days=7,
    work=Work(
        {Outcome.ALLOW: 12_000, Outcome.ACT: 20, Outcome.REVIEW: 5},
        Latency(850.4, 2_149.0),
        {
            ActionKind.DELETE: {ActionOutcome.SKIPPED: 1, ActionOutcome.DONE: 19},
            ActionKind.FLAG: {ActionOutcome.DONE: 2},
        },
    ),
    queue=Queue(2, NOW),
    rules=(Rule("1", "No spam."), Rule("2", "No scams."), Rule("3", "No insults.")),
    now=ByRule(
        {"1": Answers(14, confirmed=9, overturned=3, other=1), "3": Answers(1)},
        gone=Answers(6, confirmed=3),
        unjudged=Answers(4),
    ),
    before=ByRule({"1": Answers(10, confirmed=1, overturned=1)}),
)


def fields(stats: Stats) -> dict[str | None, str | None]:
    return {field.name: field.value for field in stats_embeds(stats)[0].fields}


def test_a_server_where_nothing_happened_is_told_so() -> None:
    assert fields(QUIET) == {
        "Messages judged": "none",
        "Cases": "0",
        "Actions": "none",
        "Agreement of moderators": "nothing was confirmed or overturned",
        "Time to a verdict": "not known",
        "Queue": "No message waits to be judged.",
    }
    assert stats_embeds(QUIET)[1].description == "No case was opened."


def test_messages_cases_actions_with_outcomes_agreement_latency_and_queue_are_told() -> None:
    assert stats_embeds(BUSY)[0].title == "The last 7 days"
    assert stats_embeds(replace(BUSY, days=1))[0].title == "The last day"
    assert fields(BUSY) == {
        "Messages judged": "12,025: 12,000 allowed, 20 to be acted on, 5 for a human",
        "Cases": "25, 4 of them because a message could not be judged",
        "Actions": "flag · 2 done\ndelete · 19 done, 1 skipped",
        "Agreement of moderators": "80%: 12 confirmed, 3 overturned; 1 answered with another action; 9 not reviewed"
        " (before: 50%)",
        "Time to a verdict": "median 850 ms, 95 of 100 within 2.1 s",
        "Queue": f"2 messages wait; the oldest came in <t:{int(NOW.timestamp())}:R>.",
    }


def test_each_rule_with_cases_is_told_with_agreement_now_and_before() -> None:
    assert str(stats_embeds(BUSY)[1].description).splitlines() == [
        "**1** No spam. · 14 cases: 9 confirmed, 3 overturned, agreement 75% (before: 50%)",
        "**3** No insults. · 1 case, none confirmed or overturned",
        "Rules changed or removed since, or of channels that you cannot see · "
        "6 cases: 3 confirmed, 0 overturned, agreement 100%",
        "Could not be judged · 4 cases, none confirmed or overturned",
    ]


RAISE = RaiseActAt(
    "2", reviewed=12, overturned=5, act_at=0.85, to=0.93, above=7, confirmed_above=7, below=4, overturned_below=4
)
EXAMPLE = AddExample("3", reviewed=6, overturned=3, cases=(15, 12))


def test_suggestions_name_rule_numbers_and_what_to_do_and_say_that_nothing_changes_by_itself() -> None:
    suggested = stats_embeds(replace(BUSY, advice=(RAISE, EXAMPLE)))[2]
    assert suggested.title == "Suggestions: nothing changes unless you change it"
    assert str(suggested.description).splitlines() == [
        "**Rule 2**: of those confirmed or overturned, moderators overturned 5 of 12 cases. Of those acted on, 7 of 7 "
        "at 0.93 or higher were confirmed, and 4 of 4 below it overturned: raise the rule's `act_at` from 0.85 to 0.93 "
        "with `/settings`, and a human is asked about those below.",
        "**Rule 3**: of those confirmed or overturned, moderators overturned 3 of 6 cases. No threshold parts them "
        "from the others: teach the judge what is fine, with **Learn from this** under `/case view` of cases 15 "
        "and 12, or with an example in `/policy edit`.",
    ]
    assert len(stats_embeds(BUSY)) == 2


def test_beside_a_rules_agreement_stands_how_it_is_calibrated() -> None:
    shift = RuleShift("1", -0.6886, 5, 9, "m")
    shown = str(stats_embeds(replace(BUSY, shifts={"1": shift}))[1].description)
    assert shown.count("calibrated: what it calls 85% counts as 74%") == 1
    assert "calibrated" not in str(stats_embeds(replace(BUSY, shifts={"1": replace(shift, shift=0.0)}))[1].description)


def test_the_longest_policy_with_the_largest_numbers_fits_and_its_words_do_nothing() -> None:
    many = Answers(10**9, 10**8, 10**8, 10**8)
    rules = [Rule(f"W{number}" * 10, "<@&5> **@everyone** [x](y)" * 90) for number in range(MAX_RULES)]
    by_rule = ByRule({rule.key: many for rule in rules}, many, many)
    every = dict.fromkeys(ActionOutcome, 10**9)
    work = Work(dict.fromkeys(Outcome, 10**9), Latency(1e9, 1e9), dict.fromkeys(ActionKind, every))
    embeds = stats_embeds(Stats(90, work, Queue(10**9, NOW, 10**9), rules, by_rule, by_rule, [RAISE] * MAX_RULES))
    assert sum(len(embed) for embed in embeds) <= EMBED_TOTAL
    assert all(len(embed.description or "") <= EMBED_DESCRIPTION for embed in embeds)
    assert all(len(str(field.value)) <= EMBED_FIELD_VALUE for field in embeds[0].fields)
    shown = str(embeds[1].description)
    assert "@everyone" not in shown
    assert "<@&5>" not in shown
    suggested = str(embeds[2].description).splitlines()
    assert suggested[0].startswith("**Rule 2**")
    assert suggested[-1] == f"… and {MAX_RULES - (len(suggested) - 1)} more"
