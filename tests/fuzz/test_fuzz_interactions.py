"""What members and moderators send: whatever stands in a command, a button, a select or a modal, it is answered.

Discord holds an option to its type and its bounds, and nothing else: the rest here is what people type, and what a
forged id says. The bot's own fault, as it calls it, would be logged.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from bot.sandbox.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT
from bot.sandbox.options import RESOLVED
from cogs.settings_view import TYPED as TYPED_ID
from tests.cogs.test_live_every_command import EXAMPLES, SELECTS, leaves
from tests.fuzz.gateway import copied
from tests.fuzz.inputs import tried
from tests.fuzz.makers import any_of, matching, pick, texts
from tests.fuzz.pressing import NO_ANSWER, Json, Pressing, pressed
from tests.fuzz.test_fuzz_settings import FIELDS, ITEMS, PARTS, fitting

PIECES = (
    *("1", "2", "1. ", "No spam.", "[delete]", " ", "\n", "2026-01-31", "9999-12-31", "-", "/", "#", "<@1>", "<#1>"),
    *(
        "9" * 19,
        "9" * 40,
        "²",
        "\0",
        "\ud800",
        "\u202e",
        "`",
        "||",
        "x" * 2_000,
        "{server}",
        "https://discord.com/channels/",
    ),
    *("7d", "timeout 1h", "3 cases in 7d: ban", "scams", "open", "en", "0.5", "85%", "keep", "m1", "0", "-1", "SP1.a"),
)
TYPED = any_of(texts(PIECES, 5), pick(PIECES))
WHOLE = any_of(pick((-1, 0, 1, 2, 3, 2**31, 2**53, -(2**53))), lambda random: random.randint(-(2**53), 2**53))
IDS = any_of(pick([one for some in EXAMPLES.values() for one in some]), lambda random: fitting(random)[1])
CUSTOM_IDS = any_of(IDS, IDS, texts(PARTS, 12))
MODALS = any_of(
    lambda random: f"lawspeaker:settings:typed:{random.choice(FIELDS).name}", matching("lawspeaker:[a-z]{1,9}:.{0,9}")
)


@pytest.fixture(scope="module")
def pressing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pressing]:
    with pressed(tmp_path_factory.mktemp("pressing")) as made:
        yield made


def option_value(option: Json, pressing: Pressing, random: Random) -> Any:
    """What Discord lets be given for an option."""
    if option.get("choices"):
        return random.choice(option["choices"])["value"]
    match option["type"]:
        case 3:
            return TYPED(random)[: option.get("max_length", 6_000)].ljust(option.get("min_length", 0), "x")
        case 4:
            return max(option.get("min_value", -(2**53)), min(WHOLE(random), option.get("max_value", 2**53)))
        case 5:
            return random.random() < 0.5
        case 6:
            return str(pressing.owner.id)
        case 7:
            return str(pressing.general.id)
        case 8:
            return str(random.choice((pressing.role.id, pressing.guild.id)))
        case 11:
            return str(pressing.file.id)
    raise AssertionError(option)


def used(pressing: Pressing, random: Random) -> Json:
    """A slash command with all that it needs and some of what it takes, or something being typed for one."""
    command = random.choice([one for one in pressing.commands if one["type"] == 1])
    name, options = random.choice(list(leaves(command)))
    wanted = [one for one in options if one.get("required") or random.random() < 0.5]
    given = [{**one, "value": option_value(one, pressing, random)} for one in wanted]
    shown = [{key: one[key] for key in ("name", "type", "value")} for one in given]
    typing = [one for one in given if one.get("autocomplete")]
    kind = COMMAND
    if typing and random.random() < 0.5:
        kind = AUTOCOMPLETE
        shown = [{**one, "focused": True} for one in shown if one["name"] == typing[0]["name"]]
    for depth, inner in enumerate(reversed(name.split()[1:])):
        shown = [{"type": 2 if depth else 1, "name": inner, "options": shown}]
    data = {"id": "1", "type": 1, "name": command["name"], "options": shown, RESOLVED: pressing.resolved}
    return pressing.event(kind, data)


def chosen(pressing: Pressing, random: Random) -> Json:
    """A command of a message's menu."""
    name = random.choice([one["name"] for one in pressing.commands if one["type"] == 3])
    data = {"id": "1", "type": 3, "name": name, "target_id": str(pressing.said.id), RESOLVED: pressing.resolved}
    return pressing.event(COMMAND, data)


def clicked(pressing: Pressing, random: Random) -> Json:
    """A button or a select, with any id under any message of the bot's."""
    custom_id = CUSTOM_IDS(random)[:100]
    offered = [value for begins, value in SELECTS.items() if custom_id.startswith(begins)]
    if offered:
        value = random.choice((offered[0], TYPED(random)[:100] or "a"))
        component = {"type": 3, "custom_id": custom_id, "options": [{"label": "A", "value": value}]}
        picked = {"values": [value]}
    else:
        component, picked = {"type": 2, "custom_id": custom_id, "style": 1, "label": "Press"}, {}
    event = pressing.event(COMPONENT, {"component_type": component["type"], "custom_id": custom_id, **picked})
    event["message"]["components"] = [{"type": 1, "components": [component]}]
    return event


def sent(pressing: Pressing, random: Random) -> Json:
    """A modal that was opened before a restart, or never."""
    inputs = [
        {"type": 18, "component": {"type": 4, "custom_id": f"{n}", "value": TYPED(random)[:4_000]}}
        for n in range(random.randint(1, 2))
    ]
    return pressing.event(MODAL_SUBMIT, {"custom_id": MODALS(random)[:100], "components": inputs})


def is_ours(event: Json) -> bool:
    """Whether an event is of a command, or of a control or a modal that there is."""
    custom_id = event["data"].get("custom_id")
    if custom_id is None:
        return True
    if event["type"] == MODAL_SUBMIT:
        return TYPED_ID.fullmatch(custom_id) is not None
    return any(one.__discord_ui_compiled_template__.fullmatch(custom_id) for one in ITEMS)


def test_half_a_character_in_what_is_typed_is_a_question_mark_and_a_nul_is_left_out(pressing: Pressing) -> None:
    typed = {"type": 18, "component": {"type": 4, "custom_id": "0", "value": "a\ud800b\0"}}
    data = {"custom_id": "lawspeaker:settings:typed:warning_template", "components": [typed]}
    assert pressing.runner.run(pressing.press(pressing.event(MODAL_SUBMIT, data))) == []
    settings = pressing.runner.run(pressing.store.guilds.get(pressing.guild.id))
    assert settings.warning_template == "a?b"


@pytest.mark.parametrize("value", ["shadowy", ""])
def test_a_mode_that_was_not_offered_changes_nothing(pressing: Pressing, value: str) -> None:
    before = pressing.runner.run(pressing.store.guilds.get(pressing.guild.id)).mode
    select = {"type": 3, "custom_id": "lawspeaker:setup:mode", "options": [{"label": "A", "value": value}]}
    event = pressing.event(COMPONENT, {"component_type": 3, "custom_id": select["custom_id"], "values": [value]})
    event["message"]["components"] = [{"type": 1, "components": [select]}]
    assert pressing.runner.run(pressing.press(event)) == []
    assert pressing.runner.run(pressing.store.guilds.get(pressing.guild.id)).mode is before


# Publishing and the like judge many texts, which takes long: 100,000 are parsed in `test_fuzz_gateway.py`.
@tried(short=150, soak=2_000, random=lambda random: random)
def test_whatever_is_sent_is_answered_and_nothing_of_it_is_a_fault(pressing: Pressing, random: Random) -> None:
    event = random.choice((used, used, chosen, clicked, clicked, sent))(pressing, random)
    faults = pressing.runner.run(pressing.press(copied(event)))
    if not is_ours(event):
        faults = [one for one in faults if one != NO_ANSWER]
    assert faults == [], event["data"]
