"""*Now*: what comes in and what becomes of it, how long it takes, and how far moderators agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aiohttp import web
from markupsafe import Markup

from bot.domain.access import Group, Use, Who
from bot.domain.decision import Outcome
from bot.domain.figures import Answers, Queue, Span
from bot.judge.interface import Judge, JudgeInfo
from bot.language import mark, spoken, tr, trn
from bot.pipeline.recent import Hour, Recent, quantile
from bot.store import Store
from bot.web.console import charts
from bot.web.console.asked import Asked, Page
from bot.web.console.charts import Series
from bot.web.console.kept import Kept
from bot.web.console.next_case import NextCase
from bot.web.console.review import Review

DAYS, WEEK = 30, 7
FRESH_SECONDS = 2.0
DAYS_FRESH_SECONDS = 120.0
_OUTCOMES = (
    (Outcome.ALLOW, "allowed", mark("left alone")),
    (Outcome.REVIEW, "asked", mark("asks a human")),
    (Outcome.ACT, "acted", mark("acted on")),
)
_STAGES = (mark("waiting"), mark("in the judge's queue"), mark("being read by the model"))


@dataclass(frozen=True, slots=True)
class Standing:
    """How a server stands: its last hour, its queue, the judge, and the answers to the cases of the last days."""

    hour: Hour
    queue: Queue
    judge: JudgeInfo
    days: Sequence[Answers]

    @property
    def answers(self) -> Answers:
        """Cases and answers of all days."""
        return sum(self.days, Answers())


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with its title, what it shows in words, and what its colours stand for: the class they are drawn in,
    and its words."""

    title: str
    told: str
    drawing: Markup
    legend: Sequence[tuple[str, str]]


class Now:
    """The live page. Those who look at the same server share what is read for it."""

    path = "now"
    title = mark("Now")
    use = Use(Group.STATS, Who.BOTH)

    def __init__(self, store: Store, judge: Judge, recent: Recent, queue: NextCase) -> None:
        """Read from `store` and `recent`, ask `judge` how it stands, and `queue` what waits for the visitor."""
        self._store = store
        self._judge = judge
        self._recent = recent
        self._queue = queue
        self._days = Kept(self._read_days, DAYS_FRESH_SECONDS)
        self._shown = Kept(self._draw, FRESH_SECONDS)

    def pages(self) -> Sequence[Page]:
        """The page, and the part of it that is fetched anew."""
        return [Page("GET", self.path, self.use, self._show), Page("GET", "now/live", self.use, self._live)]

    async def _show(self, asked: Asked) -> web.StreamResponse:
        shown = await self._shown.get((asked.guild_id, spoken()))
        # With the page and not with each of its figures: what a visitor may see of it is theirs alone to be read.
        waiting = await self._queue.waiting(asked.entry) if asked.entry.may(Review.use) else 0
        return asked.page("now.html", tr(self.title), **shown, waiting=waiting, still="still" in asked.query)

    async def _live(self, asked: Asked) -> web.StreamResponse:
        return asked.fragment("now_live.html", **await self._shown.get((asked.guild_id, spoken())))

    async def _draw(self, key: tuple[int, str]) -> dict[str, object]:
        """What the page shows of a server, in the language that is spoken."""
        guild_id, _ = key
        figures = self._store.figures
        queue = await figures.queue(guild_id)
        # The days are read anew once a case was opened or answered, which is seen by what is on record.
        days = await self._days.get((guild_id, await figures.recorded(guild_id)))
        standing = Standing(self._recent.hour(guild_id), queue, self._judge.info(), days)
        return {"now": standing, "charts": drawn(standing), "waited": _waited(queue)}

    async def _read_days(self, key: tuple[int, int]) -> Sequence[Answers]:
        now = datetime.now(UTC)
        return await self._store.figures.answers_by_day(key[0], Span(now - timedelta(days=DAYS), now))


def drawn(standing: Standing) -> list[Chart]:
    """The charts; where the time goes is told of messages only."""
    found = [_messages(standing.hour), _times(standing.hour), _agreement(standing)]
    stages = standing.hour.mean_stages()
    return found if stages is None else [*found, _time_spent(stages)]


def _messages(hour: Hour) -> Chart:
    series = [
        Series(tr(name), kind, [minute.outcomes.get(outcome, 0) for minute in hour.minutes])
        for outcome, kind, name in _OUTCOMES
    ]
    counts = ", ".join(f"{one.name} {sum(value or 0 for value in one.values):g}" for one in series)
    title, told = tr("Messages per minute"), tr("In the last hour: {counts}.", counts=counts)
    return Chart(title, told, charts.stacked(title, told, _last_hour(), series), _legend(series))


def _times(hour: Hour) -> Chart:
    series = [
        Series(tr("half of the messages"), "s0", [quantile(minute.within, 0.5) for minute in hour.minutes]),
        Series(tr("95 of 100"), "s1", [quantile(minute.within, 0.95) for minute in hour.minutes]),
    ]
    median, slow = hour.quantile(0.5), hour.quantile(0.95)
    told = tr("Nothing was judged in the last hour.")
    if median is not None and slow is not None:
        told = tr(
            "Half of the messages were settled within {median:g} seconds, 95 of 100 within {slow:g}.",
            median=median,
            slow=slow,
        )
    title = tr("Seconds until a message is settled")
    return Chart(title, told, charts.lines(title, told, _last_hour(), series), _legend(series))


def _agreement(standing: Standing) -> Chart:
    days, overall = standing.days, standing.answers.agreement
    weeks = [sum(days[max(last - WEEK, 0) : last], Answers()) for last in range(1, len(days) + 1)]
    shares = [None if week.agreement is None else 100 * week.agreement for week in weeks]
    series = [Series(tr("agreement"), "s0", shares)]
    told = tr("No case was answered yet.")
    if overall is not None:
        told = tr("Moderators confirmed {share:.0%} of the cases they decided.", share=overall)
    title = tr("Agreement of moderators over seven days, in percent")
    places = [trn("{n} day ago", "{n} days ago", len(days)), tr("today")]
    return Chart(title, told, charts.lines(title, told, places, series, top=100.0), _legend(series))


def _time_spent(stages: Sequence[float]) -> Chart:
    named = {tr(name): seconds for name, seconds in zip(_STAGES, stages, strict=True)}
    told = [tr("{name}: {seconds:.2f} s", name=name, seconds=value) for name, value in named.items()]
    title = tr("Where the time goes")
    legend = [(f"s{place}", words) for place, words in enumerate(told)]
    return Chart(title, "", charts.parts(title, ", ".join(told), named), legend)


def _last_hour() -> list[str]:
    return [tr("an hour ago"), tr("half an hour ago"), tr("now")]


def _legend(series: Sequence[Series]) -> list[tuple[str, str]]:
    return [(one.kind, one.name) for one in series]


def _waited(queue: Queue) -> int | None:
    """How many seconds the oldest message waits; None where none does."""
    return None if queue.oldest is None else max(int((datetime.now(UTC) - queue.oldest).total_seconds()), 0)
