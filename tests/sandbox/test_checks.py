"""The sandbox refuses the messages, modals and commands that Discord refuses."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.checks import check_message, check_modal, refuse_empty
from bot.sandbox.checks.commands import check_command, check_commands
from bot.sandbox.errors import ApiError

BUTTON = {"type": 2, "style": 1, "label": "Yes", "custom_id": "yes"}
SELECT = {"type": 3, "custom_id": "pick", "options": [{"label": "A", "value": "a"}]}
INPUT = {"type": 4, "custom_id": "text", "style": 1, "label": "Text"}


def row(*components: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(components)}


def button(number: int, **changes: Any) -> dict[str, Any]:
    return {**BUTTON, "custom_id": f"button-{number}", **changes}


def options(number: int) -> list[dict[str, str]]:
    return [{"label": str(index), "value": str(index)} for index in range(number)]


def select_of(kind: int, preset: str, number: int, **changes: Any) -> dict[str, Any]:
    """A select in which so many are picked already."""
    presets = [{"id": 7 + index, "type": preset} for index in range(number)]
    return {"type": kind, "custom_id": f"pick-{kind}", "default_values": presets, **changes}


def embed_of(characters: int) -> dict[str, Any]:
    return {"title": "", "description": "x" * characters}


RIGHT = [
    {"content": "x" * 2_000},
    {"content": "hi", "nonce": "x" * 25},
    {"embeds": [embed_of(4_000), {"title": "x" * 256, "fields": [{"name": "n", "value": "v"}] * 25}]},
    {"content": "hi", "components": [row(*(button(10 * line + n) for n in range(5))) for line in range(5)]},
    {"content": "hi", "components": [row({**SELECT, "options": options(25)})]},
    {"content": "hi", "components": [row(select_of(8, "channel", 1)), row(select_of(6, "role", 25, max_values=25))]},
    {"content": "hi", "components": [row({"type": 2, "style": 5, "label": "Go", "url": "https://example.org"})]},
    {"flags": 32768, "components": [{"type": 17, "components": [{"type": 10, "content": "x" * 4_000}]}]},
    {"attachments": [{"id": 0, "filename": "a.txt"}]},
    {"content": "hi", "allowed_mentions": {"parse": [], "users": ["1"]}},
    {"message_reference": {"type": 1, "message_id": "1", "channel_id": "2"}},
]

WRONG: dict[str, list[dict[str, Any]]] = {
    "content": [{"content": "x" * 2_001}, {"content": 7}],
    "nonce": [{"content": "hi", "nonce": "x" * 26}],
    "embeds": [{"embeds": [{"title": "x"}] * 11}, {"embeds": [embed_of(3_001)] * 2}, {"embeds": {}}],
    "embeds.0": [{"embeds": ["no"]}],
    "embeds.0.title": [{"embeds": [{"title": "x" * 257}]}],
    "embeds.0.description": [{"embeds": [embed_of(4_097)]}],
    "embeds.0.fields": [{"embeds": [{"fields": [{"name": "n", "value": "v"}] * 26}]}],
    "embeds.0.fields.0.name": [{"embeds": [{"fields": [{"name": "x" * 257, "value": "v"}]}]}],
    "embeds.0.fields.0.value": [
        {"embeds": [{"fields": [{"name": "n", "value": "x" * 1_025}]}]},
        {"embeds": [{"fields": [{"name": "n", "value": ""}]}]},
    ],
    "embeds.0.footer.text": [{"embeds": [{"footer": {"text": "x" * 2_049}}]}],
    "embeds.0.author.name": [{"embeds": [{"author": {"name": "x" * 257}}]}],
    "embeds.0.url": [{"embeds": [{"title": "x", "url": "javascript:alert(1)"}]}],
    "components": [
        {"content": "hi", "components": [row(button(n)) for n in range(6)]},
        {"content": "hi", "components": [row(BUTTON, BUTTON)]},
        {"flags": 32768, "components": [{"type": 10, "content": "x"}] * 41},
        {"flags": 32768, "components": [{"type": 10, "content": "x" * 2_001}] * 2},
        {"flags": 32768, "components": [{"type": 17, "components": [{"type": 10, "content": "x"}] * 40}]},
    ],
    "components.0": [{"content": "hi", "components": [row(BUTTON, SELECT)]}],
    "components.0.components.0.default_values": [{"content": "hi", "components": [row(select_of(8, "channel", 2))]}],
    "components.0.components.0.default_values.0.type": [
        {"content": "hi", "components": [row(select_of(8, "role", 1))]},
        {"content": "hi", "components": [row(select_of(3, "role", 1, options=options(1)))]},
    ],
    "components.0.type": [{"content": "hi", "components": [BUTTON]}, {"content": "hi", "components": [{"type": []}]}],
    "components.0.components": [
        {"content": "hi", "components": [row(*(button(n) for n in range(6)))]},
        {"content": "hi", "components": [row()]},
    ],
    "components.0.components.0": [{"content": "hi", "components": [row(button(1, label=None))]}],
    "components.0.components.0.type": [{"content": "hi", "components": [row(INPUT)]}],
    "components.0.components.0.label": [{"content": "hi", "components": [row(button(1, label="x" * 81))]}],
    "components.0.components.0.custom_id": [
        {"content": "hi", "components": [row(button(1, custom_id="x" * 101))]},
        {"content": "hi", "components": [row(button(1, custom_id=""))]},
        {"content": "hi", "components": [row(button(1, style=5, url="https://example.org"))]},
    ],
    "components.0.components.0.url": [{"content": "hi", "components": [row(button(1, url="https://example.org"))]}],
    "components.0.components.0.options": [{"content": "hi", "components": [row({**SELECT, "options": options(26)})]}],
    "components.0.components.0.options.0.label": [
        {"content": "hi", "components": [row({**SELECT, "options": [{"label": "x" * 101, "value": "a"}]})]}
    ],
    "components.0.components.0.options.0.value": [
        {"content": "hi", "components": [row({**SELECT, "options": [{"label": "a", "value": "x" * 101}]})]}
    ],
    "components.0.components.0.options.0.description": [
        {"content": "hi", "components": [row({**SELECT, "options": [{**options(1)[0], "description": "x" * 101}]})]}
    ],
    "allowed_mentions.parse.0": [{"content": "hi", "allowed_mentions": {"parse": ["all"]}}],
    "allowed_mentions": [{"content": "hi", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}],
}


def paths(tree: Any, prefix: str = "") -> list[str]:
    """The dotted paths at which a tree of errors has some."""
    found = []
    for key, value in tree.items():
        found += [prefix.rstrip(".")] if key == "_errors" else paths(value, f"{prefix}{key}.")
    return found


def refusal(check: Any, *body: Any) -> list[str]:
    with pytest.raises(ApiError) as caught:
        check(*body)
    assert (caught.value.status, caught.value.code) == (400, 50035)
    return paths(caught.value.errors)


@pytest.mark.parametrize("payload", RIGHT)
def test_a_message_within_the_limits_is_accepted(payload: dict[str, Any]) -> None:
    check_message(payload)


@pytest.mark.parametrize(("field", "payload"), [(field, one) for field, several in WRONG.items() for one in several])
def test_a_message_beyond_a_limit_is_refused_at_its_field(field: str, payload: dict[str, Any]) -> None:
    assert field in refusal(check_message, payload)


def test_all_that_is_wrong_is_told_at_once() -> None:
    payload = {"content": "x" * 2_001, "embeds": [{"title": "x" * 257}]}
    assert refusal(check_message, payload) == ["content", "embeds.0.title"]


@pytest.mark.parametrize("payload", [{}, {"content": ""}, {"content": " \n"}, {"content": None, "embeds": []}])
def test_an_empty_message_is_refused(payload: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as caught:
        check_message(payload)
    assert caught.value.code == 50006


def test_an_edit_may_leave_everything_as_it_is_but_its_outcome_may_not_be_empty() -> None:
    check_message({"content": ""}, editing=True)
    with pytest.raises(ApiError) as caught:
        refuse_empty({"content": ""})
    assert caught.value.code == 50006


def test_components_v2_exclude_content_and_embeds() -> None:
    text = [{"type": 10, "content": "x"}]
    assert refusal(check_message, {"flags": 32768, "content": "x", "components": text}) == ["content"]
    assert refusal(check_message, {"flags": 32768, "embeds": [{"title": "x"}], "components": text}) == ["embeds"]


def upload(**changes: Any) -> dict[str, Any]:
    return {"type": 18, "label": "Files", "component": {"type": 19, "custom_id": "f", **changes}}


def modal(*components: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"custom_id": "m", "title": "Edit", "components": list(components), **changes}


def test_a_modal_within_the_limits_is_accepted() -> None:
    check_modal(modal(*(row({**INPUT, "custom_id": str(n)}) for n in range(5))))
    check_modal(modal({"type": 18, "label": "Text", "component": INPUT}, {"type": 10, "content": "Read this."}))
    check_modal(modal(upload(), upload(custom_id="g", min_values=0, max_values=10, required=False)))
    check_modal(modal(upload(min_values=None, max_values=None)))


@pytest.mark.parametrize(
    ("field", "data"),
    [
        ("data.title", modal(row(INPUT), title="x" * 46)),
        ("data.custom_id", modal(row(INPUT), custom_id="x" * 101)),
        ("data.components", modal()),
        ("data.components", modal(*(row({**INPUT, "custom_id": str(n)}) for n in range(6)))),
        ("data.components", modal(row(INPUT), row(INPUT))),
        ("data.components.0.components.0.label", modal(row({**INPUT, "label": "x" * 46}))),
        ("data.components.0.components.0.placeholder", modal(row({**INPUT, "placeholder": "x" * 101}))),
        ("data.components.0.components.0.value", modal(row({**INPUT, "value": "x" * 4_001}))),
        ("data.components.0.components.0.type", modal(row(BUTTON))),
        ("data.components.0.component.custom_id", modal(upload(custom_id=""))),
        ("data.components.0.component.min_values", modal(upload(min_values=11))),
        ("data.components.0.component.max_values", modal(upload(max_values=11))),
        ("data.components.0.component.max_values", modal(upload(max_values=0))),
        (
            "data.components.0.component.custom_id",
            modal({"type": 18, "label": "T", "component": {**INPUT, "custom_id": ""}}),
        ),
    ],
)
def test_a_modal_beyond_a_limit_is_refused_at_its_field(field: str, data: dict[str, Any]) -> None:
    assert field in refusal(check_modal, data)


def command(**changes: Any) -> dict[str, Any]:
    return {"name": "watch", "description": "Watch a channel", **changes}


def option(kind: int = 3, name: str = "text", **changes: Any) -> dict[str, Any]:
    return {"type": kind, "name": name, "description": "A text", **changes}


def sub(*inner: dict[str, Any], kind: int = 1, name: str = "add") -> dict[str, Any]:
    return option(kind, name, options=list(inner))


@pytest.mark.parametrize(
    "body",
    [
        command(options=[option(required=True), option(name="more")]),
        command(options=[sub(option()), sub(sub(option()), kind=2, name="rule")]),
        command(name="größe-1_2"),
        command(options=[option(4, choices=[{"name": "one", "value": 1}], min_value=0)]),
        {"type": 3, "name": "Check against policy"},
        command(default_member_permissions=8192, contexts=[0], nsfw=False),
    ],
)
def test_a_command_within_the_limits_is_accepted(body: dict[str, Any]) -> None:
    check_command(body)


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("name", command(name="Watch")),
        ("name", command(name="watch it")),
        ("name", command(name="x" * 33)),
        ("name", {"type": 2, "name": "x" * 33}),
        ("description", {"type": 3, "name": "Why?", "description": "no"}),
        ("description", command(description="x" * 101)),
        ("description", command(description="")),
        ("options", command(options=[option(name=f"n{n}") for n in range(26)])),
        ("options.1", command(options=[option(), option()])),
        ("options.1", command(options=[option(), option(name="more", required=True)])),
        ("options", command(options=[sub(), option()])),
        ("options.0.options.0.type", command(options=[sub(sub())])),
        ("options.0.options.0.options.0.type", command(options=[sub(sub(sub()), kind=2, name="rule")])),
        (
            "options.0.choices",
            command(options=[option(choices=[{"name": str(n), "value": str(n)} for n in range(26)])]),
        ),
        ("options.0.choices.0.name", command(options=[option(choices=[{"name": "x" * 101, "value": "a"}])])),
        ("options.0.choices.0.value", command(options=[option(4, choices=[{"name": "a", "value": "a"}])])),
        ("options.0", command(options=[option(autocomplete=True, choices=[{"name": "a", "value": "a"}])])),
        ("options.0.min_value", command(options=[option(4, min_value="low")])),
        ("options.0.channel_types.0", command(options=[option(7, channel_types=[99])])),
        ("contexts.0", command(contexts=[3])),
        (
            "name",
            command(
                options=[option(name=f"n{n}", choices=[{"name": "x" * 100, "value": "x" * 100}] * 4) for n in range(10)]
            ),
        ),
    ],
)
def test_a_command_beyond_a_limit_is_refused_at_its_field(field: str, body: dict[str, Any]) -> None:
    assert field in refusal(check_command, body)


def test_names_of_commands_are_unique_for_a_type() -> None:
    check_commands([command(), {"type": 3, "name": "watch"}])
    assert refusal(check_commands, [command(), command()]) == ["1"]


@pytest.mark.parametrize(("kind", "high"), [(1, 100), (2, 5), (3, 5)])
def test_too_many_commands_are_refused(kind: int, high: int) -> None:
    many = [{"type": kind, "name": f"n{n}", **({"description": "d"} if kind == 1 else {})} for n in range(high + 1)]
    check_commands(many[:-1])
    with pytest.raises(ApiError) as caught:
        check_commands(many)
    assert caught.value.code == 30032
