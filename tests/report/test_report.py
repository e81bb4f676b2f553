"""The report: a page that shows members' text as text, and cells that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bot.domain.evaluation import Judged, by_rule, measure
from bot.domain.policy_text import parse_policy
from bot.report.content import Evaluation, Row, Run, Way
from bot.report.files import ReportError, check_folder, verdicts_csv, write_report

EVIL = "<script>alert(1)</script>"
VOID = {"meta"}


class Tags(HTMLParser):
    """Fails on an element that is closed out of turn; remembers which elements there are."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def evaluation(*texts: str) -> Evaluation:
    """One way and a baseline; every text is fine, and caught, but for one that breaks rule 1 and is let pass."""
    policy = parse_policy(f"# {EVIL}\n1. No spoilers {EVIL}. [delete]\n2. No trading. [flag]\n")
    rows = [Row(text, False, Judged(False, 0.9, "1")) for text in texts]
    rows.append(Row("he dies", True, Judged(True, 0.1, "2", "1")))
    judged = [row.judged for row in rows if row.judged is not None]
    ways = tuple(Way(key, key, measure(judged, 0.5, 1), 2.0) for key in ("judge", "yes_or_no"))
    run = Run("dev.jsonl", "lawspeaker eval", "0.1.0", datetime(2026, 1, 2, tzinfo=UTC), 1)
    rules = by_rule(judged, ["1", "2"], 0.5)
    return Evaluation(policy, "tiny", "ab12", run, tuple(rows), ways, rules)


def test_the_page_is_well_formed_and_shows_what_members_wrote_as_text(tmp_path: Path) -> None:
    check_folder(tmp_path / "new" / "report")
    written = write_report(tmp_path / "new" / "report", evaluation(EVIL, "fine")).read_text("utf-8")
    tags = Tags()
    tags.feed(written)
    assert tags.open == []
    assert "script" not in tags.seen
    assert "&lt;script&gt;alert(1)" in written
    assert tags.seen.count("svg") == 5
    assert written.count('role="img"') == 5
    assert "http://" not in written
    assert "https://" not in written
    assert {path.name for path in (tmp_path / "new" / "report").iterdir()} == {"index.html", "verdicts.csv"}


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        *((text, f"'{text}") for text in ("=1+1", "+1", "-1", "@SUM(1)", " =1")),
        # Where a spreadsheet cuts a cell off, its rest would begin as one too.
        *((f"{cut}=1", f"'{cut}'=1") for cut in "\t\r\n"),
    ],
)
def test_no_cell_begins_as_a_formula_does(text: str, cell: str) -> None:
    found = evaluation(text)
    rows = list(csv.reader(io.StringIO(verdicts_csv(found.rows, found.ways), newline="")))
    assert rows[0] == ["text", "label", "probability", "rule", "yes_or_no"]
    assert rows[1][0] == cell
    assert rows[2] == ["he dies", "1", "0.100000", "2", "0.100000"]


def test_a_file_in_the_folders_place_gets_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "within"):
        with pytest.raises(ReportError, match="name a folder"):
            check_folder(path)
