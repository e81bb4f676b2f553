"""Interactions of every kind the bot uses: a member acts, the real discord.py client answers, the member sees it."""

from __future__ import annotations

import discord
import pytest
from discord import app_commands

from bot.discord_io.api import use_api
from bot.sandbox.answer import MemberError
from bot.sandbox.member import MemberClient
from tests.sandbox.conftest import Client, Place


class Form(discord.ui.Modal, title="A form"):
    text: discord.ui.TextInput[Form] = discord.ui.TextInput(label="Text", custom_id="text")

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"got {self.text.value}", ephemeral=True)


class Upload(discord.ui.Modal, title="Files"):
    shots: discord.ui.Label[Upload] = discord.ui.Label(
        text="Shots", component=discord.ui.FileUpload(custom_id="shots", min_values=1, max_values=2)
    )
    notes: discord.ui.Label[Upload] = discord.ui.Label(
        text="Notes", component=discord.ui.FileUpload(custom_id="notes", required=False)
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        given = []
        for part in (self.shots, self.notes):
            assert isinstance(part.component, discord.ui.FileUpload)
            given.append([f"{one.filename}: {(await one.read()).decode()}" for one in part.component.values])
        await interaction.response.send_message(str(given), ephemeral=True)


class Choice(discord.ui.View):
    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Press", custom_id="press")
    async def press(self, interaction: discord.Interaction, button: discord.ui.Button[Choice]) -> None:
        await interaction.response.edit_message(content="pressed", view=None)

    @discord.ui.select(custom_id="pick", options=[discord.SelectOption(label=x, value=x) for x in "ab"])
    async def pick(self, interaction: discord.Interaction, select: discord.ui.Select[Choice]) -> None:
        await interaction.response.send_message(f"picked {select.values[0]}", ephemeral=True)


def add_commands(bot: Client) -> None:
    @bot.tree.command(description="Say it again.")
    async def echo(
        interaction: discord.Interaction, text: app_commands.Range[str, 1, 20], file: discord.Attachment | None = None
    ) -> None:
        content = (await file.read()).decode() if file is not None else text
        await interaction.response.send_message(content)

    @echo.autocomplete("text")
    async def suggest(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=current + end, value=current + end) for end in ("1", "2")]

    @bot.tree.command(description="Take a while.")
    async def slow(interaction: discord.Interaction, channel: discord.TextChannel) -> None:
        await interaction.response.defer(ephemeral=True)
        await interaction.followup.send(f"done in {channel.name}")

    @bot.tree.command(description="A form.")
    async def form(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Form())

    @bot.tree.command(description="A form for files.")
    async def upload(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Upload())

    @bot.tree.command(description="A choice.")
    async def choose(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("choose", view=Choice(), ephemeral=True)

    @bot.tree.command(description="For managers.")
    @app_commands.default_permissions(manage_guild=True)
    async def manage(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("managed")

    @bot.tree.command(description="Say nothing.")
    async def mute(interaction: discord.Interaction) -> None:
        return

    rules = app_commands.Group(name="rules", description="The rules.")

    @rules.command(description="One of them.")
    async def show(interaction: discord.Interaction, number: int) -> None:
        await interaction.response.send_message(f"rule {number}")

    bot.tree.add_command(rules)

    @bot.tree.context_menu(name="Look")
    async def look(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"saw {message.content}", ephemeral=True)


@pytest.fixture
async def member(place: Place, client: Client) -> MemberClient:
    add_commands(client)
    await client.tree.sync()
    return await place.server.member_client(place.member)


async def test_a_slash_command_with_options_and_a_file_is_answered(place: Place, member: MemberClient) -> None:
    where = (place.guild.id, place.general.id)
    assert (await member.slash(*where, "echo", text="hi")).content == "hi"
    assert (await member.slash(*where, "echo", text="hi", file=("a.txt", b"from a file"))).content == "from a file"


async def test_an_answer_names_the_command_that_was_used(place: Place, member: MemberClient) -> None:
    where = (place.guild.id, place.general.id)
    message = place.server.post(place.owner, place.general, "hello")
    for answer, name in (
        (await member.slash(*where, "echo", text="hi"), "echo"),
        (await member.slash(*where, "rules show", number=2), "rules show"),
        (await member.menu(*where, "Look", message_id=message.id), "Look"),
    ):
        assert answer.message is not None
        used = answer.message["interaction"]
        assert (used["name"], used["type"], used["user"]["id"]) == (name, 2, str(place.member.id))


async def test_options_that_do_not_suit_the_command_are_refused(place: Place, member: MemberClient) -> None:
    with pytest.raises(MemberError, match="too small or too large"):
        await member.slash(place.guild.id, place.general.id, "echo", text="x" * 21)
    with pytest.raises(MemberError, match="required"):
        await member.slash(place.guild.id, place.general.id, "echo")


async def test_autocomplete_suggests_for_what_is_typed(place: Place, member: MemberClient) -> None:
    found = await member.autocomplete(place.guild.id, place.general.id, "echo", "text", text="a")
    assert [one["value"] for one in found] == ["a1", "a2"]


async def test_a_deferred_answer_becomes_its_follow_up_and_only_the_member_sees_it(
    place: Place, member: MemberClient
) -> None:
    answer = await member.slash(place.guild.id, place.general.id, "slow", channel=place.log.id)
    assert (answer.content, answer.ephemeral) == ("done in log", True)
    assert len(place.general.messages) == 0


async def test_a_modal_is_opened_filled_and_sent(place: Place, member: MemberClient) -> None:
    opened = await member.slash(place.guild.id, place.general.id, "form")
    assert opened.modal is not None
    assert opened.modal.title == "A form"
    assert (await member.submit(opened.modal, {"Text": "words"})).content == "got words"


async def test_files_that_are_put_into_a_modal_reach_the_application(place: Place, member: MemberClient) -> None:
    opened = await member.slash(place.guild.id, place.general.id, "upload")
    assert opened.modal is not None
    for unfit in ([], [("a.txt", b"a"), ("b.txt", b"b"), ("c.txt", b"c")]):
        with pytest.raises(MemberError, match="Must be between 1 and 2 in length"):
            await member.submit(opened.modal, {"Shots": unfit})
    several = {"Shots": [("a.txt", b"first"), ("b.txt", b"second")], "Notes": [("c.txt", b"third")]}
    assert (
        await member.submit(opened.modal, several)
    ).content == "[['a.txt: first', 'b.txt: second'], ['c.txt: third']]"
    again = await member.slash(place.guild.id, place.general.id, "upload")
    assert again.modal is not None
    assert (await member.submit(again.modal, {"Shots": [("a.txt", b"first")]})).content == "[['a.txt: first'], []]"


async def test_buttons_and_selects_of_an_ephemeral_message_work(place: Place, member: MemberClient) -> None:
    shown = (await member.slash(place.guild.id, place.general.id, "choose")).shown
    assert (await member.select(shown, "pick", ["b"])).content == "picked b"
    with pytest.raises(MemberError):
        await member.select(shown, "pick", ["c"])
    pressed = await member.press(shown, "Press")
    assert (pressed.content, pressed.components) == ("pressed", [])


async def test_a_context_menu_is_used_on_a_message(place: Place, member: MemberClient) -> None:
    message = place.server.post(place.owner, place.general, "this one")
    answer = await member.menu(place.guild.id, place.general.id, "Look", message_id=message.id)
    assert answer.content == "saw this one"


async def test_a_command_is_refused_to_whoever_lacks_its_permission(place: Place, member: MemberClient) -> None:
    with pytest.raises(MemberError, match="50013"):
        await member.slash(place.guild.id, place.general.id, "manage")
    owner = await place.server.member_client(place.owner)
    assert (await owner.slash(place.guild.id, place.general.id, "manage")).content == "managed"


async def test_an_application_that_says_nothing_fails_the_interaction(place: Place, member: MemberClient) -> None:
    answer = await member.slash(place.guild.id, place.general.id, "mute")
    assert answer.failure == "The application did not respond"


async def test_answering_twice_is_refused(place: Place, client: Client) -> None:
    refusals: list[int] = []

    @client.tree.command(description="Twice.")
    async def twice(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("one")
        try:
            await client.http.request(
                discord.http.Route("POST", f"/interactions/{interaction.id}/{interaction.token}/callback"),
                json={"type": 4, "data": {"content": "two"}},
            )
        except discord.HTTPException as error:
            refusals.append(error.code)
        await interaction.followup.send("three")

    await client.tree.sync()
    member = await place.server.member_client(place.member)
    await member.slash(place.guild.id, place.general.id, "twice")
    await member.wait_for("MESSAGE_CREATE", lambda one: one["content"] == "three")
    assert refusals == [40060]


async def test_the_client_library_is_pointed_at_the_sandbox_alone(place: Place) -> None:
    use_api(place.server.api_base, place.server.gateway_url)
    assert place.server.api_base == discord.http.Route.BASE
