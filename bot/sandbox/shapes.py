"""What a client sends of embeds, components and polls, in the shape in which Discord shows it; pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

Json = dict[str, Any]
BUTTON, STRING_SELECT, CONTAINER = 2, 3, 17
_SELECTS = frozenset({3, 5, 6, 7, 8})
_PARTS = {1: {"components"}, 9: {"components", "accessory"}, 17: {"components"}, 18: {"component"}}
"""Under what a component has others: a row, a section, a container, a label."""
_OF_AN_EMBED = ("title", "description", "url", "timestamp", "color", "footer", "image", "thumbnail", "author", "fields")


def shown_embed(embed: Json) -> Json:
    """An embed as it is shown: of a type, its fields telling whether they are inline, nothing that is null."""
    shown = {key: embed[key] for key in _OF_AN_EMBED if embed.get(key) not in (None, [], "")}
    shown["type"] = "rich"
    if "fields" in shown:
        shown["fields"] = [{**field, "inline": bool(field.get("inline", False))} for field in shown["fields"]]
    for part in ("author", "footer"):
        if part in shown:
            shown[part] = {key: value for key, value in shown[part].items() if value is not None}
    for part in ("image", "thumbnail"):
        if part in shown:
            shown[part] = {"proxy_url": shown[part].get("url"), **shown[part]}
    return shown


def shown_components(components: list[Json]) -> list[Json]:
    """Components as they are shown: each numbered, defaults filled in."""
    numbers = itertools.count(1)
    return [_component(one, numbers) for one in components]


def _component(component: Json, numbers: Iterator[int]) -> Json:
    kind = component["type"]
    absent = {"components", "accessory", "component"} - _PARTS.get(kind, set())
    shown = {key: value for key, value in component.items() if value is not None and key not in absent}
    shown["id"] = component.get("id") or next(numbers)
    if kind in _SELECTS:
        shown = {"min_values": 1, "max_values": 1, "disabled": False, **shown}
    if "default_values" in shown:
        shown["default_values"] = [{**one, "id": str(one["id"])} for one in shown["default_values"]]
    if kind == STRING_SELECT:
        shown["options"] = [
            {key: value for key, value in option.items() if value is not None} for option in component["options"]
        ]
    if kind == CONTAINER:
        shown = {"accent_color": None, "spoiler": False, **shown}
    if "components" in shown:
        shown["components"] = [_component(child, numbers) for child in shown["components"]]
    for part in ("accessory", "component"):
        if part in shown:
            shown[part] = _component(shown[part], numbers)
    return shown


def shown_poll(poll: Json, now: datetime) -> Json:
    """A poll as it is shown, without votes; `duration` is in hours, a day unless given."""
    answers = [
        {"answer_id": number, "poll_media": _media(answer["poll_media"])}
        for number, answer in enumerate(poll["answers"], 1)
    ]
    return {
        "question": _media(poll["question"]),
        "answers": answers,
        "expiry": (now + timedelta(hours=poll.get("duration") or 24)).isoformat(),
        "allow_multiselect": bool(poll.get("allow_multiselect")),
        "layout_type": 1,
        "results": {
            "answer_counts": [{"id": one["answer_id"], "count": 0, "me_voted": False} for one in answers],
            "is_finalized": False,
        },
    }


def _media(media: Json) -> Json:
    return {key: value for key, value in media.items() if value is not None}
