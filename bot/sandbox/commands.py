"""The application commands that are registered, for everywhere and for one guild."""

from __future__ import annotations

from typing import Any

from bot.sandbox.checks.commands import check_command, check_commands, command_type, refuse_too_many
from bot.sandbox.errors import invalid_form, unknown
from bot.sandbox.model import Channel, Guild
from bot.sandbox.world import World

Json = dict[str, Any]
Place = tuple[int, int | None]
"""An application's id, and a guild's or None for everywhere."""

_OPTION_TEXTS = ("name", "description", "name_localizations", "description_localizations")
_OPTION_FIELDS = (
    "required",
    "autocomplete",
    "min_value",
    "max_value",
    "min_length",
    "max_length",
    "channel_types",
)


class Commands:
    """Commands by application and guild, in Discord's JSON shape. Bodies that Discord refuses raise `ApiError`."""

    def __init__(self, world: World) -> None:
        """No commands yet."""
        self._world = world
        self._at: dict[Place, dict[int, Json]] = {}
        self._permitted: dict[tuple[int, int], list[Json]] = {}

    def listed(self, place: Place) -> list[Json]:
        """The commands of a place."""
        return list(self._at.get(place, {}).values())

    def get(self, place: Place, command_id: int) -> Json:
        """One command, or Unknown Application Command."""
        try:
            return self._at[place][command_id]
        except KeyError:
            raise unknown("application command") from None

    def create(self, place: Place, body: Json) -> tuple[Json, bool]:
        """Register a command; one of the same type and name is overwritten. Also says whether it is new."""
        check_command(body)
        before = self._same(place, body)
        if before is None:
            kind = command_type(body)
            refuse_too_many(kind, 1 + sum(one["type"] == kind for one in self.listed(place)))
        command = self._put(place, body, before)
        return command, before is None

    def replace(self, place: Place, bodies: Any) -> list[Json]:
        """Register these commands and no others; those of the same type and name keep their ids."""
        check_commands(bodies)
        kept = [(body, self._same(place, body)) for body in bodies]
        self._at[place] = {}
        return [self._put(place, body, before) for body, before in kept]

    def edit(self, place: Place, command_id: int, body: Json) -> Json:
        """Change the fields that are given."""
        before = self.get(place, command_id)
        if self._same(place, {**body, "type": before["type"]}) not in (None, before):
            raise invalid_form(
                "name", "Application command names must be unique", "APPLICATION_COMMANDS_DUPLICATE_NAME"
            )
        merged = {**before, **body, "type": before["type"]}
        check_command(merged)
        return self._put(place, merged, before)

    def delete(self, place: Place, command_id: int) -> None:
        """Take a command away."""
        self.get(place, command_id)
        del self._at[place][command_id]

    def usable(self, channel: Channel) -> list[Json]:
        """The commands that show in a channel: those of the bots that are there, for its guild and for everywhere."""
        if channel.guild is not None:
            return self.in_guild(channel.guild)
        return [one for user in channel.recipients for one in self._of(user.id, None)]

    def in_guild(self, guild: Guild) -> list[Json]:
        """The commands that show in a guild."""
        return [one for user_id in guild.members for one in self._of(user_id, guild)]

    def permit(self, guild: Guild, command_id: int, entries: list[Json]) -> None:
        """Set who may use a command in a guild, as its managers do: each entry has `id`, `type`, `permission`.

        Types: 1 a role (the guild's id for @everyone), 2 a user, 3 a channel (the guild's id less one for all).
        """
        self._permitted[guild.id, command_id] = entries

    def permitted(self, guild_id: int, command_id: int) -> list[Json] | None:
        """Who may use a command in a guild, where that was set."""
        return self._permitted.get((guild_id, command_id))

    def _of(self, application_id: int, guild: Guild | None) -> list[Json]:
        own = self.listed((application_id, guild.id)) if guild is not None else []
        return own + [one for one in self.listed((application_id, None)) if _shows(one, guild is not None)]

    def _same(self, place: Place, body: Json) -> Json | None:
        key = (command_type(body), body.get("name"))
        return next((one for one in self.listed(place) if (one["type"], one["name"]) == key), None)

    def _put(self, place: Place, body: Json, before: Json | None) -> Json:
        application_id, guild_id = place
        permissions = body.get("default_member_permissions")
        command: Json = {
            "id": before["id"] if before else str(self._world.new_id()),
            "application_id": str(application_id),
            "version": str(self._world.new_id()),
            "default_member_permissions": None if permissions is None else str(permissions),
            "type": command_type(body),
            "name": body["name"],
            "name_localizations": body.get("name_localizations"),
            "description": body.get("description") or "",
            "description_localizations": body.get("description_localizations"),
            "dm_permission": body.get("dm_permission") is not False,
            "contexts": body.get("contexts"),
            "integration_types": body.get("integration_types") or [0],
            "nsfw": bool(body.get("nsfw")),
        }
        if guild_id is not None:
            command["guild_id"] = str(guild_id)
        if body.get("options"):
            command["options"] = [_option(option) for option in body["options"]]
        if before is not None and {**before, "version": ""} == {**command, "version": ""}:
            command["version"] = before["version"]
        self._at.setdefault(place, {})[int(command["id"])] = command
        return command


def _shows(command: Json, in_guild: bool) -> bool:
    """Whether a command for everywhere shows in guilds, or in direct messages with its bot."""
    if command["contexts"] is not None:
        return (0 if in_guild else 1) in command["contexts"]
    return in_guild or bool(command["dm_permission"])


def _option(option: Json) -> Json:
    """An option as Discord gives it back: what is absent or meaningless is left out."""
    shown: Json = {"type": option["type"]}
    shown |= {key: option[key] for key in _OPTION_TEXTS if option.get(key) is not None}
    shown |= {
        key: option[key]
        for key in _OPTION_FIELDS
        if option.get(key, False) is not False and option[key] not in (None, [])
    }
    if option.get("choices"):
        shown["choices"] = [
            {key: choice[key] for key in choice if key in ("name", "name_localizations", "value")}
            for choice in option["choices"]
        ]
    if option.get("options"):
        shown["options"] = [_option(inner) for inner in option["options"]]
    return shown
