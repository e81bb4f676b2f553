"""The pages that pictures are drawn from show messages as Discord would, and what was written as data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from docs.browser import shrink
from docs.console_shots import CONSOLE_SHOTS
from docs.controls import Kind, modal, rows
from docs.markup import Names, markdown
from docs.page import Opened, Sheet, Shown, page
from docs.scenes import SCENES
from docs.shots import SHOTS

DOCS = Path(__file__).resolve().parent.parent / "docs"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NAMES = Names({1: "ann"}, {2: "Moderators"}, {3: "general"}, {"https://x.example/a.png": b"PNG"}, NOW)
AN_HOUR_AGO = int(NOW.timestamp()) - 3_600


def post(**parts: Any) -> dict[str, Any]:
    """A bot's message in Discord's JSON."""
    author = {"username": "<Law>", "bot": True}
    return {"author": author, "timestamp": NOW.isoformat(), "content": "", "embeds": []} | parts


def drawn(*parts: Shown | Opened) -> str:
    return page(Sheet("#", "mod-log", parts, NAMES), "")


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
        (f"<t:{AN_HOUR_AGO}:R>", '<span class="time">an hour ago</span>'),
        (f"<t:{AN_HOUR_AGO}:t>", '<span class="time">02:04</span>'),
        (f"<t:{AN_HOUR_AGO}>", '<span class="time">2 January 2026 02:04</span>'),
        ("use `a **b** <c>`", "use <code>a **b** &lt;c&gt;</code>"),
        ("told:\n> <i>\n> two\nend", "told:<blockquote>&lt;i&gt;<br>two</blockquote>end"),
        ("big\n-# small <b>", "big<small>small &lt;b&gt;</small>"),
        (
            "before\n```diff\n+<new>\n-old\n same\n```\nafter",
            'before<pre><span class="added">+&lt;new&gt;</span>\n<span class="removed">-old</span>\n'
            '<span class="same"> same</span></pre>after',
        ),
        ("```md\n# <i>\n**as it is**\n```", "<pre># &lt;i&gt;\n**as it is**</pre>"),
    ],
)
def test_marks_that_the_bot_uses_are_drawn_and_all_else_is_text(written: str, shown: str) -> None:
    assert markdown(written, NAMES).startswith(shown)


def test_a_post_shows_title_fields_footer_and_the_colour_of_its_bar() -> None:
    embed = {
        "title": "Case 1",
        "description": "said",
        "color": 0xC0392B,
        "fields": [{"name": "Rule 1", "value": "<b>", "inline": True}],
        "footer": {"text": "<i>"},
    }
    html = drawn(Shown(post(embeds=[embed])))
    for part in ("&lt;Law&gt;", "Case 1", "#c0392b", "Rule 1</h3>&lt;b&gt;", "&lt;i&gt;", "03:04", "inline"):
        assert part in html


def test_up_to_three_inline_fields_that_follow_each_other_stand_side_by_side() -> None:
    fields = [{"name": str(number), "value": "x", "inline": number != 5} for number in range(1, 7)]
    found = re.findall(r'<div class="fields (\w+)">(.*?</div>)</div>', drawn(Shown(post(embeds=[{"fields": fields}]))))
    assert [(kind, re.findall(r"<h3>(\d)", cells)) for kind, cells in found] == [
        ("inline", ["1", "2", "3"]),
        ("inline", ["4"]),
        ("wide", ["5"]),
        ("inline", ["6"]),
    ]


def test_an_answer_says_who_used_what_and_that_nobody_else_sees_it() -> None:
    html = drawn(Shown(post(flags=64), "<ann>", "/<setup>"))
    assert "<b>&lt;ann&gt;</b> used <b" in html
    assert "/&lt;setup&gt;" in html
    assert "Only you can see this" in html
    assert "Only you can see this" not in drawn(Shown(post()))


def test_a_members_message_is_escaped_and_has_no_apps_mark() -> None:
    html = drawn(Shown(post(author={"username": "<x>"}, content="<script>")))
    assert "<script>" not in html
    assert "<x>" not in html
    assert "APP" not in html


def test_pictures_are_shown_and_other_files_are_named() -> None:
    picture = {"url": "https://x.example/a.png", "content_type": "image/png", "filename": "a.png", "size": 3}
    other = {"url": "https://x.example/b", "filename": "<b>.diff", "size": 1_234}
    html = drawn(Shown(post(attachments=[picture | {"description": '"<d>'}, other])))
    assert '<img src="data:image/png;base64,UE5H" alt="&quot;&lt;d&gt;">' in html
    assert "&lt;b&gt;.diff" in html
    assert "1,234 bytes" in html


COMPONENTS: dict[Kind, tuple[dict[str, Any], str]] = {
    Kind.ROW: ({"components": []}, '<div class="row"></div>'),
    Kind.BUTTON: ({"style": 3, "label": "Confirm <b>"}, '<span class="button style-3">Confirm &lt;b&gt;</span>'),
    Kind.SELECT: ({"options": [{"label": "<one>", "default": True}, {"label": "two"}]}, "&lt;one&gt;</span>"),
    Kind.TEXT_INPUT: ({"custom_id": "a", "style": 2, "value": "<typed>", "max_length": 90}, "&lt;typed&gt;<u>7/90</u>"),
    Kind.USERS: ({"default_values": [{"id": "1", "type": "user"}]}, "<i>@</i>ann"),
    Kind.ROLES: ({"default_values": [{"id": "2", "type": "role"}]}, "<i>@</i>Moderators"),
    Kind.ANYBODY: ({"default_values": [{"id": "9", "type": "user"}]}, "<i>@</i>unknown"),
    Kind.CHANNELS: ({"placeholder": "Log <c>", "default_values": []}, '<span class="select">Log &lt;c&gt;<i>'),
    Kind.TEXT: ({"content": "**<t>**"}, "<b>&lt;t&gt;</b>"),
    Kind.LABEL: ({"label": "Say <l>", "component": {"type": 4, "custom_id": "a", "style": 1}}, "<h3>Say &lt;l&gt;"),
}


@pytest.mark.parametrize("kind", Kind)
def test_components_of_every_kind_are_drawn_with_their_words_escaped(kind: Kind) -> None:
    component, shown = COMPONENTS[kind]
    assert shown in rows([{"type": int(kind)} | component], NAMES)


def test_a_kind_that_is_not_known_is_refused_rather_than_left_out() -> None:
    with pytest.raises(ValueError, match="99"):
        rows([{"type": 99}], NAMES)


def test_a_modal_shows_what_is_typed_into_it() -> None:
    text = {"type": 4, "custom_id": "text", "style": 2, "max_length": 1_000}
    html = modal(
        "Appeal <1>",
        [{"type": 18, "label": "Why?", "description": "Once.", "component": text}],
        {"text": "<sorry>"},
        NAMES,
    )
    for part in ("Appeal &lt;1&gt;", "Why?", "Once.", "&lt;sorry&gt;", "7/1000", "Submit"):
        assert part in html


def test_buttons_and_selects_are_drawn_below_what_they_are_for() -> None:
    components = [
        {"type": 1, "components": [{"type": 2, "style": 3, "label": "Confirm"}]},
        {"type": 1, "components": [{"type": 3, "placeholder": "Another action…", "options": []}]},
    ]
    html = drawn(Shown(post(content="what it is", components=components)))
    assert html.index("what it is") < html.index("Confirm") < html.index("Another action…") < html.index("</article>")


@pytest.mark.parametrize(
    ("page", "drawn_for_it"), [("moderators.md", SCENES), ("sandbox.md", SHOTS), ("console.md", CONSOLE_SHOTS)]
)
def test_every_picture_of_a_page_has_a_scene_and_words_for_those_who_do_not_see_it(
    page: str, drawn_for_it: Mapping[str, object]
) -> None:
    named = re.findall(r"!\[([^\]]*)\]\(([\w-]+\.png)\)", (DOCS / page).read_text("utf-8"))
    shown = {name: words for words, name in named}
    assert set(shown) == {f"{name}.png" for name in drawn_for_it}
    assert all(len(words.split()) > 5 for words in shown.values())


def test_there_is_no_picture_that_nothing_draws() -> None:
    assert {file.name for file in DOCS.glob("*.png")} == {f"{name}.png" for name in (*SCENES, *SHOTS, *CONSOLE_SHOTS)}


def test_what_covers_most_of_a_picture_keeps_its_colour_and_a_rare_one_is_near(tmp_path: Path) -> None:
    ground, dot = (0x31, 0x33, 0x38), (0xC0, 0x39, 0x2B)
    picture = Image.linear_gradient("L").convert("RGB").resize((400, 300))
    picture.paste(ground, (0, 100, 400, 300))
    picture.paste(dot, (10, 110, 13, 113))
    picture.save(tmp_path / "drawn.png")
    shrink(tmp_path / "drawn.png", tmp_path / "kept.png")
    with Image.open(tmp_path / "kept.png") as kept:
        assert kept.mode == "P"
        seen = kept.convert("RGB")
    assert seen.getpixel((200, 200)) == ground
    assert max(abs(one - other) for one, other in zip(seen.getpixel((11, 111)), dot, strict=True)) < 24


def test_pictures_are_small_enough_to_be_read_on_a_phone() -> None:
    assert {file.name: size for file in DOCS.glob("*.png") if (size := file.stat().st_size) > 250_000} == {}
