"""An application that never answers, with a command of every kind of option: what it is sent is looked at."""

from __future__ import annotations

from typing import Any

from bot.sandbox.model import Application, Message
from tests.stage import Scene

NO_ANSWER = "The application did not respond"
OPTIONS: list[dict[str, Any]] = [
    {"type": 3, "name": "size", "description": "How large", "required": True, "choices": [
        {"name": "Small", "value": "s"}, {"name": "Large", "value": "l"}]},
    {"type": 4, "name": "count", "description": "How many", "required": True, "min_value": 1, "max_value": 5},
    {"type": 5, "name": "gift", "description": "Whether it is wrapped"},
    {"type": 6, "name": "for", "description": "Who gets it"},
    {"type": 8, "name": "role", "description": "Which role pays"},
    {"type": 9, "name": "whom", "description": "Who or which role hears of it"},
    {"type": 10, "name": "weight", "description": "How heavy"},
    {"type": 3, "name": "note", "description": "What stands on it", "min_length": 3, "max_length": 10},
]  # fmt: skip
ORDER: dict[str, Any] = {
    "type": 1,
    "name": "order",
    "contexts": [0],
    "description": "Order something",
    "options": OPTIONS,
}
HELP: dict[str, Any] = {"type": 1, "name": "help", "description": "Say what there is", "contexts": [0, 1]}
WORD = {"type": 3, "name": "word", "description": "What to look for", "required": True, "autocomplete": True}
SEARCH: dict[str, Any] = {"type": 1, "name": "search", "description": "Look", "contexts": [0], "options": [WORD]}
FOR_MEMBERS: dict[str, Any] = {"type": 2, "name": "Wave"}


def silent(scene: Scene) -> Application:
    """Such an application in a scene's server, which is connected nowhere."""
    server = scene.server
    application: Application = server.world.add_application("Silent", owner=scene.owner)
    server.invite(scene.guild, application)
    for body in (ORDER | {"options": OPTIONS}, HELP, SEARCH, FOR_MEMBERS):
        server.commands.create((application.bot.id, None), body)
    return application


def asking(scene: Scene, application: Application) -> Message:
    """A message of its with a button and selects."""
    rows = [
        {"type": 1, "components": [{"type": 2, "style": 1, "label": "Press", "custom_id": "press"}]},
        {"type": 1, "components": [{"type": 5, "custom_id": "people", "min_values": 1, "max_values": 2}]},
    ]
    message: Message = scene.server.post(application.bot, scene.general, "What now?", components=rows)
    return message
