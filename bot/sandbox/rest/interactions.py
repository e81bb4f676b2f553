"""What user clients do with applications: use commands, components and modals, and list the commands there are."""

from __future__ import annotations

from typing import Any

from bot.sandbox import interactions
from bot.sandbox.checks.form import is_integer
from bot.sandbox.checks.message import MAX_NONCE
from bot.sandbox.commands import Commands
from bot.sandbox.errors import ApiError, invalid_form, missing_access, missing_permissions, unknown
from bot.sandbox.inputs import check_component, check_submission
from bot.sandbox.interactions import Interaction, Interactions
from bot.sandbox.model import Attachment, Channel, Guild, User
from bot.sandbox.options import Resolver, check_options
from bot.sandbox.permissions import ADMINISTRATOR, USE_APPLICATION_COMMANDS, VIEW_CHANNEL, in_channel
from bot.sandbox.posting import Posting
from bot.sandbox.rest.call import Call, Reply, Route, seen_channel
from bot.sandbox.snowflake import parse
from bot.sandbox.world import World

Json = dict[str, Any]
_SLASH, _USER_MENU = 1, 2


class InteractionsApi:
    """The routes that user clients post to. Discord does not document them; bots cannot use them."""

    def __init__(self, world: World, commands: Commands, opened: Interactions, posting: Posting) -> None:
        """Over one world."""
        self._world = world
        self._commands = commands
        self._interactions = opened
        self._posting = posting

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("POST", "/interactions", self.interact),
            Route("GET", "/guilds/{guild_id}/application-command-index", self.guild_index),
            Route("GET", "/channels/{channel_id}/application-command-index", self.dm_index),
        ]

    async def guild_index(self, call: Call) -> Reply:
        """The commands that the caller may use in a guild."""
        guild = self._world.guild(call.id("guild_id"))
        if call.user.id not in guild.members:
            raise missing_access()
        return Reply(200, {"application_commands": self._commands.in_guild(guild)})

    async def dm_index(self, call: Call) -> Reply:
        """The commands that the caller may use in direct messages."""
        return Reply(200, {"application_commands": self._commands.usable(seen_channel(call, self._world))})

    async def interact(self, call: Call) -> Reply:
        """Open an interaction as a member."""
        body, user = call.json, call.user
        if user.bot:
            raise ApiError(403, 20001, "Bots cannot use this endpoint")
        channel = self._world.channel(call.named("channel_id"))
        if not in_channel(channel, user, self._world.now()) & VIEW_CHANNEL:
            raise missing_access()
        application = self._world.applications.get(call.named("application_id"))
        if application is None:
            raise unknown("application")
        data = body.get("data")
        if not isinstance(data, dict):
            raise invalid_form("data", "This field is required", "BASE_TYPE_REQUIRED")
        nonce = body.get("nonce")
        if nonce is not None and not (isinstance(nonce, int | str) and len(str(nonce)) <= MAX_NONCE):
            raise invalid_form("nonce", f"Must be {MAX_NONCE} or fewer in length.", "BASE_TYPE_MAX_LENGTH")
        files = [self._posting.store_file(channel, one) for one in call.files]
        kind = body.get("type")
        if not is_integer(kind):
            raise invalid_form("type", "Value must be one of {2, 3, 4, 5}.", "BASE_TYPE_CHOICES")
        interaction = self._interactions.new(kind, application, user, channel, data, nonce)
        match interaction.kind:
            case interactions.COMMAND | interactions.AUTOCOMPLETE:
                self._command(interaction, files)
            case interactions.COMPONENT:
                self._component(interaction, body)
            case interactions.MODAL_SUBMIT:
                self._submission(interaction, files)
            case _:
                raise invalid_form("type", "Value must be one of {2, 3, 4, 5}.", "BASE_TYPE_CHOICES")
        self._interactions.open(interaction)
        return Reply()

    def _command(self, interaction: Interaction, files: list[Attachment]) -> None:
        given, user, channel = interaction.data, interaction.user, interaction.channel
        command = next(
            (one for one in self._commands.usable(channel) if one["id"] == str(given.get("id"))),
            None,
        )
        if command is None or int(command["application_id"]) != interaction.application.id:
            raise unknown("application command")
        if str(given.get("version")) != command["version"]:
            raise ApiError(400, 50035, "This command is outdated, please try again in a few minutes")
        self._require_may_use(command, channel, user)
        resolver = Resolver(self._world, channel.guild, files)
        typing = interaction.kind == interactions.AUTOCOMPLETE
        shown: Json = {"id": command["id"], "name": command["name"], "type": command["type"]}
        if command.get("guild_id"):
            shown["guild_id"] = command["guild_id"]
        if command["type"] == _SLASH:
            options = check_options(command, given.get("options"), resolver, user, typing=typing)
            if options:
                shown["options"] = options
        else:
            target = parse(given.get("target_id")) or 0
            shown["target_id"] = str(target)
            self._target(interaction, command, target, resolver)
        interaction.data = shown | resolver.shown()

    def _target(self, interaction: Interaction, command: Json, target: int, resolver: Resolver) -> None:
        if command["type"] == _USER_MENU:
            if not resolver.user(target):
                raise unknown("user")
            return
        message = interaction.channel.messages.get(target)
        if message is None:
            raise unknown("message")
        resolver.message(message)
        interaction.metadata["target_message_id"] = str(target)

    def _component(self, interaction: Interaction, body: Json) -> None:
        user, channel = interaction.user, interaction.channel
        message_id = parse(body.get("message_id")) or 0
        message = channel.messages.get(message_id) or self._interactions.ephemeral(message_id, user)
        if message is None or message.author is not interaction.application.bot:
            raise unknown("message")
        resolver = Resolver(self._world, channel.guild)
        interaction.data = check_component(message.components, interaction.data, resolver, user)
        interaction.message = message
        interaction.metadata["interacted_message_id"] = str(message.id)

    def _submission(self, interaction: Interaction, files: list[Attachment]) -> None:
        opener = self._interactions.modal_of(parse(interaction.data.get("id")) or 0, interaction.user)
        assert opener.modal is not None
        resolver = Resolver(self._world, interaction.channel.guild, files)
        interaction.data = check_submission(opener.modal, interaction.data, resolver, interaction.user)
        interaction.message = opener.message
        interaction.metadata["triggering_interaction_metadata"] = opener.metadata
        opener.modal = None

    def _require_may_use(self, command: Json, channel: Channel, user: User) -> None:
        """Who lacks the command's default permissions does not even see it; an administrator sees all."""
        bits = in_channel(channel, user, self._world.now())
        if channel.guild is None or bits & ADMINISTRATOR:
            return
        if not bits & USE_APPLICATION_COMMANDS:
            raise missing_permissions()
        entries = self._commands.permitted(channel.guild.id, int(command["id"]))
        set_here = None if entries is None else _answer(entries, channel, channel.guild, user)
        if set_here is False:
            raise missing_permissions()
        if set_here is True:
            return
        needed = command["default_member_permissions"]
        if needed is not None and (int(needed) == 0 or bits & int(needed) != int(needed)):
            raise missing_permissions()


def _answer(entries: list[Json], channel: Channel, guild: Guild, user: User) -> bool | None:
    """What a guild's settings say of a command here: no, yes, or nothing.

    As in Discord's documentation, "Application Command Permissions": the channel first; then the user, any of the
    user's roles, @everyone.
    """
    said = {(one["type"], int(one["id"])): bool(one["permission"]) for one in entries}
    place = channel.parent_id or 0 if channel.thread is not None else channel.id
    if not said.get((3, place), said.get((3, guild.id - 1), True)):
        return False
    if (2, user.id) in said:
        return said[2, user.id]
    roles = [said[1, one] for one in guild.members[user.id].roles if (1, one) in said]
    return any(roles) if roles else said.get((1, guild.id))
