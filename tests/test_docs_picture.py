"""The page that the README's picture is drawn from shows a post as Discord would, and what was written as data."""

from __future__ import annotations

import pytest

from docs.modlog_page import Names, markdown, page

NAMES = Names({1: "ann"}, {2: "Moderators"}, {3: "general"})


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        (r"\<script\>", "&lt;script&gt;"),
        ("||hidden||", '<span class="spoiler">hidden</span>'),
        (r"||a \|\| b||", '<span class="spoiler">a || b</span>'),
        ("**bold** and **not", "<b>bold</b> and **not"),
        ("a || b", "a || b"),
        (r"\*\*plain\*\*", "**plain**"),
        ("<@1> in <#3> for <@&2>", '<span class="mention">@ann</span> in <span class="mention">#general</span> for '),
        ("<@9>", '<span class="mention">@unknown</span>'),
        (r"\<\@1\>", "&lt;@1&gt;"),
        ("[message](https://a.example/x)", '<a href="https://a.example/x">message</a>'),
        ("[message](javascript:alert)", "[message](javascript:alert)"),
        ('[m](https://a.example/"onload="x)', '<a href="https://a.example/&quot;onload=&quot;x">m</a>'),
        ("one\ntwo", "one<br>two"),
    ],
)
def test_marks_that_the_bot_uses_are_drawn_and_all_else_is_text(written: str, shown: str) -> None:
    assert markdown(written, NAMES).startswith(shown)


def test_a_post_shows_title_fields_footer_and_the_colour_of_its_bar() -> None:
    post = {
        "author": {"username": "<Law>"},
        "timestamp": "2026-01-02T03:04:05+00:00",
        "content": "",
        "embeds": [
            {
                "title": "Case 1",
                "description": "said",
                "color": 0xC0392B,
                "fields": [{"name": "Rule 1", "value": "<b>", "inline": True}],
                "footer": {"text": "<i>"},
            }
        ],
    }
    drawn = page([post], NAMES, "", "mod-log")
    for part in ("&lt;Law&gt;", "Case 1", "#c0392b", "Rule 1</h3>&lt;b&gt;", "&lt;i&gt;", "03:04", "inline"):
        assert part in drawn


def test_buttons_and_selects_are_drawn_below_what_they_are_for() -> None:
    button = {"type": 2, "style": 3, "label": "Confirm <b>"}
    select = {"type": 3, "placeholder": "Another action…"}
    rows = [{"type": 1, "components": [button]}, {"type": 1, "components": [select]}]
    post = {
        "author": {"username": "Law"},
        "timestamp": "2026-01-02T03:04:05+00:00",
        "content": "",
        "embeds": [],
        "components": rows,
    }
    drawn = page([post], NAMES, "", "mod-log")
    assert '<span class="button style-3">Confirm &lt;b&gt;</span>' in drawn
    assert drawn.index("Confirm") < drawn.index("Another action…") < drawn.index("</article>")
