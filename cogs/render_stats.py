"""What `/stats` shows. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import discord

from bot.discord_io.limits import EMBED_DESCRIPTION, EMBED_FIELD_VALUE, EMBED_TOTAL
from bot.discord_io.text import inert, listed, within
from bot.domain.advice import AddExample, Advice, RaiseActAt
from bot.domain.calibration import Shifts
from bot.domain.calibration_words import counts_as
from bot.domain.decision import Outcome
from bot.domain.figures import Answers, ByRule, Latency, Queue, Work
from bot.domain.policy import ActionKind, Rule
from bot.domain.records import ActionOutcome
from bot.language import mark, tr, trn
from cogs.render_health import queue_line

_DECIDED = {
    Outcome.ALLOW: mark("{count:,} allowed"),
    Outcome.ACT: mark("{count:,} to be acted on"),
    Outcome.REVIEW: mark("{count:,} for a human"),
}
_BECAME = {
    ActionOutcome.PLANNED: mark("{count:,} planned"),
    ActionOutcome.ATTEMPTED: mark("{count:,} attempted"),
    ActionOutcome.DONE: mark("{count:,} done"),
    ActionOutcome.FAILED: mark("{count:,} failed"),
    ActionOutcome.SKIPPED: mark("{count:,} skipped"),
}
# Of the 6,000 characters that Discord takes in all embeds of a message; suggestions get what is left.
_RULES = 2_600
_RULE_TEXT = 60


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
        embed = discord.Embed(title=tr("Suggestions: nothing changes unless you change it"))
        room = EMBED_TOTAL - sum(map(len, embeds)) - len(embed)
        embed.description = within([advice_line(one) for one in stats.advice], min(room, EMBED_DESCRIPTION))
        embeds.append(embed)
    return embeds


def advice_line(advice: Advice) -> str:
    """What is suggested for a rule, and the numbers that speak for it."""
    head = tr(
        "**Rule {rule}**: of those confirmed or overturned, moderators overturned {overturned:,} of "
        "{reviewed:,} cases.",
        rule=inert(advice.rule, 20),
        overturned=advice.overturned,
        reviewed=advice.reviewed,
    )
    match advice:
        case RaiseActAt():
            suggested = tr(
                "Of those acted on, {confirmed_above:,} of {above:,} at {to} or higher were confirmed, and "
                "{overturned_below:,} of {below:,} below it overturned: raise the rule's `act_at` from {act_at} to "
                "{to} with `/settings`, and a human is asked about those below.",
                confirmed_above=advice.confirmed_above,
                above=advice.above,
                overturned_below=advice.overturned_below,
                below=advice.below,
                act_at=advice.act_at,
                to=advice.to,
            )
        case AddExample():
            suggested = trn(
                "No threshold parts them from the others: teach the judge what is fine, with **Learn from this** under "
                "`/case view` of case {cases}, or with an example in `/policy edit`.",
                "No threshold parts them from the others: teach the judge what is fine, with **Learn from this** under "
                "`/case view` of cases {cases}, or with an example in `/policy edit`.",
                len(advice.cases),
                cases=listed([str(number) for number in advice.cases]),
            )
    return f"{head} {suggested}"


def _whole(stats: Stats) -> discord.Embed:
    embed = discord.Embed(title=trn("The last day", "The last {n} days", stats.days))
    answers = stats.now.together
    embed.add_field(name=tr("Messages judged"), value=_judged_line(stats.work.judged), inline=False)
    embed.add_field(name=tr("Cases"), value=_cases_line(stats.now), inline=False)
    embed.add_field(name=tr("Actions"), value=_actions(stats.work.actions), inline=False)
    embed.add_field(name=tr("Agreement of moderators"), value=_agreement_line(answers, stats), inline=False)
    embed.add_field(name=tr("Time to a verdict"), value=_latency_line(stats.work.latency), inline=False)
    embed.add_field(name=tr("Queue"), value=queue_line(stats.queue), inline=False)
    return embed


def _by_rule(stats: Stats) -> discord.Embed:
    embed = discord.Embed(title=tr("Rule by rule"))
    lines = list(_rule_lines(stats))
    embed.description = within(lines, min(_RULES, EMBED_DESCRIPTION)) or tr("No case was opened.")
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
        gone = tr("Rules changed or removed since, or of channels that you cannot see")
        yield f"{gone} · {_answers(stats.now.gone)}"
    if stats.now.unjudged.cases:
        yield tr("Could not be judged") + f" · {_answers(stats.now.unjudged)}"


# -- words -----------------------------------------------------------------------------------------------


def _answers(answers: Answers) -> str:
    """`14 cases: 9 confirmed, 3 overturned, agreement 75%`."""
    if answers.agreement is None:
        return trn(
            "{n:,} case, none confirmed or overturned", "{n:,} cases, none confirmed or overturned", answers.cases
        )
    return trn(
        "{n:,} case: {confirmed:,} confirmed, {overturned:,} overturned, agreement {agreement:.0%}",
        "{n:,} cases: {confirmed:,} confirmed, {overturned:,} overturned, agreement {agreement:.0%}",
        answers.cases,
        confirmed=answers.confirmed,
        overturned=answers.overturned,
        agreement=answers.agreement,
    )


def _earlier(before: Answers) -> str:
    return " " + tr("(before: {share:.0%})", share=before.agreement) if before.agreement is not None else ""


def _calibrated(key: str, shifts: Shifts) -> str:
    one = shifts.get(key)
    return " · " + tr("calibrated: {how}", how=counts_as(one)) if one is not None and not one.is_taken_away else ""


def _judged_line(judged: Mapping[Outcome, int]) -> str:
    counts = [tr(words, count=judged[outcome]) for outcome, words in _DECIDED.items() if outcome in judged]
    return f"{sum(judged.values()):,}: {', '.join(counts)}" if counts else tr("none")


def _cases_line(now: ByRule) -> str:
    if not now.unjudged.cases:
        return f"{now.together.cases:,}"
    return tr(
        "{cases:,}, {failed:,} of them because a message could not be judged",
        cases=now.together.cases,
        failed=now.unjudged.cases,
    )


def _actions(actions: Mapping[ActionKind, Mapping[ActionOutcome, int]]) -> str:
    """A line for each kind: how many there were, and what became of them."""
    lines = []
    for kind in ActionKind:
        if outcomes := actions.get(kind):
            became = [tr(_BECAME[outcome], count=outcomes[outcome]) for outcome in ActionOutcome if outcome in outcomes]
            lines.append(f"{kind.value} · {', '.join(became)}")
    return within(lines, EMBED_FIELD_VALUE) or tr("none")


def _agreement_line(answers: Answers, stats: Stats) -> str:
    if answers.agreement is None:
        parts = [tr("nothing was confirmed or overturned")]
    else:
        confirmed, overturned = answers.confirmed, answers.overturned
        said = tr("{confirmed:,} confirmed, {overturned:,} overturned", confirmed=confirmed, overturned=overturned)
        parts = [f"{answers.agreement:.0%}: {said}"]
    if answers.other:
        parts.append(tr("{count:,} answered with another action", count=answers.other))
    if left := answers.cases - answers.confirmed - answers.overturned - answers.other:
        parts.append(tr("{count:,} not reviewed", count=left))
    return "; ".join(parts) + _earlier(stats.before.together)


def _latency_line(latency: Latency | None) -> str:
    if latency is None:
        return tr("not known")
    return tr(
        "median {median}, 95 of 100 within {longest}", median=_duration(latency.median), longest=_duration(latency.p95)
    )


def _duration(milliseconds: float) -> str:
    return f"{milliseconds:.0f} ms" if milliseconds < 1_000 else f"{milliseconds / 1_000:,.1f} s"
