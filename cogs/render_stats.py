"""What `/stats` shows. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import discord

from bot.discord_io.limits import EMBED_DESCRIPTION, EMBED_FIELD_VALUE, EMBED_TOTAL
from bot.discord_io.text import inert
from bot.domain.advice import AddExample, Advice, RaiseActAt
from bot.domain.calibration import Shifts
from bot.domain.calibration_words import counts_as
from bot.domain.decision import Outcome
from bot.domain.figures import Answers, ByRule, Latency, Queue, Work
from bot.domain.policy import ActionKind, Rule
from bot.domain.records import ActionOutcome
from cogs.render_health import queue_line
from cogs.render_watch import listed, within

_DECIDED = {Outcome.ALLOW: "allowed", Outcome.ACT: "to be acted on", Outcome.REVIEW: "for a human"}
# Of the 6,000 characters that Discord takes in all embeds of a message; suggestions get what is left.
_RULES = 2_600
_RULE_TEXT = 60
_SUGGESTIONS = "Suggestions: nothing changes unless you change it"


@dataclass(frozen=True, slots=True)
class Stats:
    """One server's figures of so many `days` up to now; `before` is of as many days before them.

    `rules` are those of the live policy, none where there is none, and `shifts` how they are calibrated.
    """

    days: int
    work: Work
    queue: Queue
    rules: Sequence[Rule]
    now: ByRule
    before: ByRule
    advice: Sequence[Advice] = ()
    shifts: Shifts = field(default_factory=dict)


def stats_embeds(stats: Stats) -> list[discord.Embed]:
    """The answer to `/stats`: the whole server, rule by rule, and what is suggested; all that one message may hold."""
    embeds = [_whole(stats), _by_rule(stats)]
    if stats.advice:
        embed = discord.Embed(title=_SUGGESTIONS)
        room = EMBED_TOTAL - sum(map(len, embeds)) - len(_SUGGESTIONS)
        embed.description = within([advice_line(one) for one in stats.advice], min(room, EMBED_DESCRIPTION))
        embeds.append(embed)
    return embeds


def advice_line(advice: Advice) -> str:
    """What is suggested for a rule, and the numbers that speak for it."""
    answered = f"{advice.overturned:,} of {advice.reviewed:,} cases"
    head = f"**Rule {inert(advice.rule, 20)}**: of those confirmed or overturned, moderators overturned {answered}."
    match advice:
        case RaiseActAt():
            return (
                f"{head} Of those acted on, {advice.confirmed_above:,} of {advice.above:,} at {advice.to} or higher "
                f"were confirmed, and {advice.overturned_below:,} of {advice.below:,} below it overturned: raise the "
                f"rule's `act_at` from {advice.act_at} to {advice.to} with `/settings`, and a human is asked about "
                "those below."
            )
        case AddExample():
            such = listed([str(number) for number in advice.cases])
            return (
                f"{head} No threshold parts them from the others: teach the judge what is fine, with **Learn "
                f"from this** under `/case view` of case{'s' if len(advice.cases) > 1 else ''} {such}, or with an "
                "example in `/policy edit`."
            )


def _whole(stats: Stats) -> discord.Embed:
    embed = discord.Embed(title="The last day" if stats.days == 1 else f"The last {stats.days} days")
    answers = stats.now.together
    embed.add_field(name="Messages judged", value=_judged_line(stats.work.judged), inline=False)
    embed.add_field(name="Cases", value=_cases_line(stats.now), inline=False)
    embed.add_field(name="Actions", value=_actions(stats.work.actions), inline=False)
    embed.add_field(name="Agreement of moderators", value=_agreement_line(answers, stats), inline=False)
    embed.add_field(name="Time to a verdict", value=_latency_line(stats.work.latency), inline=False)
    embed.add_field(name="Queue", value=queue_line(stats.queue), inline=False)
    return embed


def _by_rule(stats: Stats) -> discord.Embed:
    embed = discord.Embed(title="Rule by rule")
    lines = list(_rule_lines(stats))
    embed.description = within(lines, min(_RULES, EMBED_DESCRIPTION)) or "No case was opened."
    return embed


def _rule_lines(stats: Stats) -> Iterator[str]:
    """A line for each rule with cases, in the policy's order; then what belongs to no rule of it."""
    for rule in stats.rules:
        answers = stats.now.rules.get(rule.key, Answers())
        if answers.cases:
            name = f"**{inert(rule.key, 20)}** {inert(rule.text, _RULE_TEXT)}"
            before = _earlier(stats.before.rules.get(rule.key, Answers()))
            yield f"{name} · {_answers(answers)}{before}{_calibrated(rule.key, stats.shifts)}"
    if stats.now.gone.cases:
        yield f"Rules changed or removed since · {_answers(stats.now.gone)}"
    if stats.now.unjudged.cases:
        yield f"Could not be judged · {_answers(stats.now.unjudged)}"


# -- words -----------------------------------------------------------------------------------------------


def _answers(answers: Answers) -> str:
    """`14 cases: 9 confirmed, 3 overturned, agreement 75%`."""
    cases = "1 case" if answers.cases == 1 else f"{answers.cases:,} cases"
    if answers.agreement is None:
        return f"{cases}, none confirmed or overturned"
    said = f"{answers.confirmed:,} confirmed, {answers.overturned:,} overturned"
    return f"{cases}: {said}, agreement {answers.agreement:.0%}"


def _earlier(before: Answers) -> str:
    return f" (before: {before.agreement:.0%})" if before.agreement is not None else ""


def _calibrated(key: str, shifts: Shifts) -> str:
    one = shifts.get(key)
    return f" · calibrated: {counts_as(one)}" if one is not None and not one.is_taken_away else ""


def _judged_line(judged: Mapping[Outcome, int]) -> str:
    counts = [f"{judged[outcome]:,} {words}" for outcome, words in _DECIDED.items() if outcome in judged]
    return f"{sum(judged.values()):,}: {', '.join(counts)}" if counts else "none"


def _cases_line(now: ByRule) -> str:
    failed = f", {now.unjudged.cases:,} of them because a message could not be judged" if now.unjudged.cases else ""
    return f"{now.together.cases:,}{failed}"


def _actions(actions: Mapping[ActionKind, Mapping[ActionOutcome, int]]) -> str:
    """A line for each kind: how many there were, and what became of them."""
    lines = []
    for kind in ActionKind:
        if outcomes := actions.get(kind):
            became = [f"{outcomes[outcome]:,} {outcome.value}" for outcome in ActionOutcome if outcome in outcomes]
            lines.append(f"{kind.value} · {', '.join(became)}")
    return within(lines, EMBED_FIELD_VALUE) or "none"


def _agreement_line(answers: Answers, stats: Stats) -> str:
    if answers.agreement is None:
        line = "nothing was confirmed or overturned"
    else:
        line = f"{answers.agreement:.0%}: {answers.confirmed:,} confirmed, {answers.overturned:,} overturned"
    if answers.other:
        line += f"; {answers.other:,} answered with another action"
    if left := answers.cases - answers.confirmed - answers.overturned - answers.other:
        line += f"; {left:,} not reviewed"
    return line + _earlier(stats.before.together)


def _latency_line(latency: Latency | None) -> str:
    if latency is None:
        return "not known"
    return f"median {_duration(latency.median)}, 95 of 100 within {_duration(latency.p95)}"


def _duration(milliseconds: float) -> str:
    return f"{milliseconds:.0f} ms" if milliseconds < 1_000 else f"{milliseconds / 1_000:,.1f} s"
