"""The circuit breaker: closed, open, half open, by a clock of the test's own."""

from __future__ import annotations

from bot.judge.remote.breaker import FIRST_SECONDS, LONGEST_SECONDS, MOST_FAILURES, Breaker, State


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock) -> Breaker:
    breaker = Breaker(clock)
    for _ in range(MOST_FAILURES):
        assert breaker.admits()
        breaker.failed()
    assert breaker.state is State.OPEN
    return breaker


def test_it_opens_after_failures_in_a_row_and_not_after_as_many_with_a_success_between() -> None:
    breaker = Breaker(Clock())
    for _ in range(5):
        for _ in range(MOST_FAILURES - 1):
            breaker.failed()
        breaker.succeeded()
    assert breaker.admits()
    assert not opened(Clock()).admits()


def test_after_a_rest_one_trial_is_let_through_whose_success_closes_it() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now = FIRST_SECONDS - 0.1
    assert not breaker.might_answer
    assert not breaker.admits()
    clock.now = FIRST_SECONDS
    assert breaker.might_answer
    assert [breaker.admits() for _ in range(3)] == [True, False, False]
    breaker.succeeded()
    assert breaker.admits()


def test_a_trial_that_fails_opens_it_for_twice_as_long_up_to_a_bound() -> None:
    clock = Clock()
    breaker = opened(clock)
    rests = []
    for _ in range(8):
        began = clock.now
        while not breaker.admits():
            clock.now += 1.0
        rests.append(clock.now - began)
        breaker.failed()
    assert rests == [10.0, 20.0, 40.0, 80.0, 160.0, *[LONGEST_SECONDS] * 3]


def test_a_trial_that_is_broken_off_may_be_made_again_at_once() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now = FIRST_SECONDS
    assert breaker.admits()
    breaker.gave_up()
    assert breaker.admits()


def test_a_late_answer_does_not_close_it() -> None:
    breaker = opened(Clock())
    breaker.succeeded()
    assert not breaker.admits()
