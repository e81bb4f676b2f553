"""*Cases* and *Review*, put together."""

from __future__ import annotations

from collections.abc import Sequence

from bot.judge.interface import Judge
from bot.pipeline.reviews import Reviews
from bot.pipeline.teaching import Teaching
from bot.store import Store
from bot.web.console.asked import Section
from bot.web.console.case_answers import CaseAnswers
from bot.web.console.case_shown import Gathering
from bot.web.console.cases import Cases
from bot.web.console.names import People
from bot.web.console.next_case import NextCase
from bot.web.console.review import Review
from bot.web.console.whom import Whom


def case_sections(store: Store, judge: Judge, reviews: Reviews, queue: NextCase, people: People) -> Sequence[Section]:
    """Both sections, which show cases alike and answer them alike."""
    teaching = Teaching(store, judge)
    gathering, answers = Gathering(store, teaching, people), CaseAnswers(store, reviews, teaching)
    return (
        Cases(store, people, Whom(store), gathering, answers, teaching),
        Review(queue, people, gathering, answers, teaching),
    )
