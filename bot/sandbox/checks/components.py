"""Discord's limits on the components of messages (its documentation, "Component Reference")."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.sandbox.checks.embeds import check_url
from bot.sandbox.checks.form import Form

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
SELECTS = frozenset({3, 5, 6, 7, 8})
SECTION, TEXT_DISPLAY, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 9, 10, 11, 12, 13, 14, 17
LABEL, FILE_UPLOAD = 18, 19
IS_COMPONENTS_V2 = 1 << 15
PRESETS = {
    5: frozenset({"user"}),
    6: frozenset({"role"}),
    7: frozenset({"user", "role"}),
    8: frozenset({"channel"}),
}
"""What may be preset in a select, by its type."""
CHANNEL_TYPES = frozenset({0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 16})

LINK_STYLE, PREMIUM_STYLE = 5, 6
_TOP_LEVEL_V2 = frozenset({ROW, SECTION, TEXT_DISPLAY, GALLERY, FILE, SEPARATOR, CONTAINER})
_IN_CONTAINER = _TOP_LEVEL_V2 - {CONTAINER}


def walk(components: Any) -> Iterator[dict[str, Any]]:
    """Every component of a message or modal, nested ones too; what is no object is passed over."""
    for component in components if isinstance(components, list) else []:
        if isinstance(component, dict):
            yield component
            yield from walk(component.get("components"))
            yield from walk([component.get("accessory"), component.get("component")])


def _check_media(form: Form, path: str, media: Any) -> None:
    if form.record(media, path) and form.text(media.get("url"), f"{path}.url", 2_048, 1):
        check_url(form, f"{path}.url", media["url"])


def check_components(form: Form, components: Any) -> None:
    """Check the components of an ordinary message: at most five rows."""
    for index, row in enumerate(form.items(components, "components", 5)):
        path = f"components.{index}"
        if form.record(row, path) and form.choice(row.get("type"), f"{path}.type", frozenset({ROW})):
            check_row(form, path, row)
    check_unique_ids(form, "components", components)


def check_components_v2(form: Form, components: Any) -> None:
    """Check the components of a Components V2 message: at most 40, 4,000 characters of text over all."""
    for index, component in enumerate(form.items(components, "components", 40, 1)):
        _check_v2(form, f"components.{index}", component, _TOP_LEVEL_V2)
    everything = list(walk(components))
    if len(everything) > 40:
        form.wrong("components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", "Total number of components exceeds 40")
    text = sum(len(str(one.get("content", ""))) for one in everything if one.get("type") == TEXT_DISPLAY)
    if text > 4_000:
        form.wrong("components", "COMPONENT_TEXT_TOO_LONG", "Total text of components exceeds 4000 characters")
    check_unique_ids(form, "components", components)


def check_unique_ids(form: Form, path: str, components: Any) -> None:
    """Check that the components' numbers are some, and that no `custom_id` comes twice."""
    seen: set[str] = set()
    for component in walk(components):
        form.integer(component.get("id"), f"{path}.id", 0, 2**31 - 1)
        custom_id = component.get("custom_id")
        if not isinstance(custom_id, str):
            continue
        if custom_id in seen:
            form.wrong(path, "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
        seen.add(custom_id)


def check_row(form: Form, path: str, row: dict[str, Any]) -> None:
    """Check a row: one to five buttons, or one select."""
    children = form.items(row.get("components"), f"{path}.components", 5, 1)
    for index, child in enumerate(children):
        where = f"{path}.components.{index}"
        if not form.record(child, where) or not form.choice(child.get("type"), f"{where}.type", SELECTS | {BUTTON}):
            continue
        if child["type"] == BUTTON:
            check_button(form, where, child)
        else:
            check_select(form, where, child)
            if len(children) > 1:
                form.wrong(path, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum width")


def check_button(form: Form, path: str, button: dict[str, Any]) -> None:
    """Check a button: a link has an address and no `custom_id`, any other a `custom_id` and no address."""
    if not form.choice(button.get("style"), f"{path}.style", frozenset(range(1, 7))):
        return
    form.text(button.get("label"), f"{path}.label", 80)
    form.flag(button.get("disabled"), f"{path}.disabled")
    check_emoji(form, f"{path}.emoji", button.get("emoji"))
    if button["style"] == PREMIUM_STYLE:
        return
    if not button.get("label") and not button.get("emoji"):
        form.wrong(path, "BUTTON_COMPONENT_INVALID_LABEL", "A button must have a label or an emoji")
    if button["style"] == LINK_STYLE:
        if button.get("custom_id") is not None:
            form.wrong(f"{path}.custom_id", "BUTTON_COMPONENT_CUSTOM_ID_URL_EXCLUSIVE", "A link has no custom id")
        if form.text(button.get("url"), f"{path}.url", 512, 1):
            check_url(form, f"{path}.url", button["url"])
        return
    if button.get("url") is not None:
        form.wrong(f"{path}.url", "BUTTON_COMPONENT_CUSTOM_ID_URL_EXCLUSIVE", "Only a link has a url")
    form.text(button.get("custom_id"), f"{path}.custom_id", 100, 1)


def check_emoji(form: Form, path: str, emoji: Any) -> None:
    """Check an emoji: absent, or an object with the emoji itself as its name, or the id of one."""
    if emoji is None or not form.record(emoji, path):
        return
    if emoji.get("id") is not None:
        form.snowflake(emoji["id"], f"{path}.id")
    else:
        form.text(emoji.get("name"), f"{path}.name", 32, 1)


def check_select(form: Form, path: str, select: dict[str, Any]) -> None:
    """Check a select: its options where it lists texts, and how many may be picked."""
    form.text(select.get("custom_id"), f"{path}.custom_id", 100, 1)
    form.text(select.get("placeholder"), f"{path}.placeholder", 150)
    form.integer(select.get("min_values"), f"{path}.min_values", 0, 25)
    form.integer(select.get("max_values"), f"{path}.max_values", 1, 25)
    form.flag(select.get("disabled"), f"{path}.disabled")
    for index, kind in enumerate(form.items(select.get("channel_types"), f"{path}.channel_types", 25)):
        form.choice(kind, f"{path}.channel_types.{index}", CHANNEL_TYPES)
    _check_presets(form, path, select)
    if select["type"] != STRING_SELECT:
        return
    seen: set[Any] = set()
    for index, option in enumerate(form.items(select.get("options"), f"{path}.options", 25, 1)):
        where = f"{path}.options.{index}"
        if not form.record(option, where):
            continue
        form.text(option.get("label"), f"{where}.label", 100, 1)
        form.text(option.get("description"), f"{where}.description", 100)
        form.flag(option.get("default"), f"{where}.default")
        check_emoji(form, f"{where}.emoji", option.get("emoji"))
        if form.text(option.get("value"), f"{where}.value", 100, 1):
            if option["value"] in seen:
                form.wrong(f"{where}.value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The value is already used")
            seen.add(option["value"])


def _check_presets(form: Form, path: str, select: dict[str, Any]) -> None:
    """Check what is picked already in a select of users, roles or channels: no more than may be picked."""
    presets = form.items(select.get("default_values"), f"{path}.default_values", 25)
    for index, preset in enumerate(presets):
        where = f"{path}.default_values.{index}"
        if form.record(preset, where):
            form.snowflake(preset.get("id"), f"{where}.id")
            form.choice(preset.get("type"), f"{where}.type", PRESETS.get(select["type"], frozenset()))
    if len(presets) > (select.get("max_values") or 1):
        form.wrong(f"{path}.default_values", "BASE_TYPE_BAD_LENGTH", "More is preset than may be picked")


def _check_v2(form: Form, path: str, component: Any, allowed: frozenset[int]) -> None:
    if not form.record(component, path) or not form.choice(component.get("type"), f"{path}.type", allowed):
        return
    match component["type"]:
        case 1:
            check_row(form, path, component)
        case 9:
            for index, child in enumerate(form.items(component.get("components"), f"{path}.components", 3, 1)):
                _check_v2(form, f"{path}.components.{index}", child, frozenset({TEXT_DISPLAY}))
            accessory = component.get("accessory")
            if form.record(accessory, f"{path}.accessory"):
                kinds = frozenset({BUTTON, THUMBNAIL})
                if not form.choice(accessory.get("type"), f"{path}.accessory.type", kinds):
                    return
                if accessory["type"] == BUTTON:
                    check_button(form, f"{path}.accessory", accessory)
                else:
                    _check_media(form, f"{path}.accessory.media", accessory.get("media"))
        case 10:
            form.text(component.get("content"), f"{path}.content", 4_000, 1)
        case 12:
            for index, item in enumerate(form.items(component.get("items"), f"{path}.items", 10, 1)):
                if form.record(item, f"{path}.items.{index}"):
                    _check_media(form, f"{path}.items.{index}.media", item.get("media"))
        case 13:
            _check_media(form, f"{path}.file", component.get("file"))
        case 17:
            for index, child in enumerate(form.items(component.get("components"), f"{path}.components", 40, 1)):
                _check_v2(form, f"{path}.components.{index}", child, _IN_CONTAINER)
            form.integer(component.get("accent_color"), f"{path}.accent_color", 0, 0xFFFFFF)
