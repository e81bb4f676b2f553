"""What the benchmark makes of its measurements."""

from __future__ import annotations

import pytest

from bot.bench.figures import limit, percentile, speedup, time_slice
from bot.bench.run import SHARES, summary

LIMIT = {"own_tokens": 20.0, "rationale_tokens": 40.0, "read_per_second": 100.0, "written_per_second": 80.0}


def test_parts_in_turn_use_up_the_time() -> None:
    left, seconds = dict(SHARES), 570.0
    for name in SHARES:
        slice_ = time_slice(name, left, seconds)
        assert slice_ > 0
        seconds -= slice_
        del left[name]
    assert seconds == pytest.approx(0.0)


def test_what_a_part_does_not_use_goes_to_those_after_it() -> None:
    left = {"b": 0.2, "c": 0.3}
    assert time_slice("b", left, 80.0) > time_slice("b", left, 50.0) == pytest.approx(20.0)


def test_no_time_left_is_no_time_for_a_part() -> None:
    assert time_slice("b", {"b": 0.2}, -3.0) == 0.0


@pytest.mark.parametrize(("percent", "value"), [(50, 5.0), (95, 10.0), (99, 10.0), (10, 1.0)])
def test_percentiles_are_nearest_ranks(percent: float, value: float) -> None:
    assert percentile([10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0], percent) == value


def test_there_is_no_percentile_of_nothing() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


def test_the_limit_counts_a_messages_own_tokens_and_its_share_of_rationales() -> None:
    assert limit(20, 100, 0.05, 40, 80) == pytest.approx(1 / (0.2 + 0.05 * 0.5))


def test_a_speedup_needs_both_sides() -> None:
    assert speedup(3.0, 0.1) == 30.0
    assert speedup(3.0, None) is None
    assert speedup(None, 0.1) is None


def test_parts_are_compared_and_the_faster_way_to_run_llama_cpp_is_the_limit() -> None:
    found = {
        "lawspeaker": {"messages_per_second": 4.0, "n": 100, "explained": 5},
        "plain": {"messages_per_second": 0.1},
        "server": {"messages_per_second": 2.0},
        "limit": {**LIMIT, "read_per_second": 50.0},
        "limit_as_we_run_it": {**LIMIT, "written_per_second": 40.0},
    }
    told = summary(found)
    assert told["speedup_vs_plain"] == 40.0
    assert told["speedup_vs_server"] == 2.0
    assert told["speedup_vs_server_many"] is None
    assert told["fraction_of_limit"] == pytest.approx(4.0 * (0.2 + 0.05 * 0.5), abs=0.001)
