"""What `/setup` shows: a mark for what is done and what is still missing, within Discord's limits and five rows."""

from __future__ import annotations

from datetime import UTC, datetime

import discord
import pytest

from bot.discord_io.limits import CUSTOM_ID, EMBED_TOTAL
from bot.domain.decision import Mode
from bot.domain.guild import GuildSettings
from bot.domain.policy import policy_digest
from bot.domain.records import PolicyVersion
from bot.packs import load_packs
from bot.sandbox.checks.components import check_components
from bot.sandbox.checks.embeds import check_embeds
from bot.sandbox.checks.form import Form
from cogs.render_setup import Mark, Standing, merged_note, setup_embed, steps, watched_note
from cogs.render_watch import LogPlace, Place
from cogs.setup_view import setup_view

CHANNEL = 10**19
LACKING = ["View Channel", "Read Message History", "Manage Messages"]


def version(number: int, source: str = "1. No scams. [flag]\n") -> PolicyVersion:
    """A version of a policy, the draft where the number is 0."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return PolicyVersion(1, number, source, policy_digest(source), 7, "", now, now if number else None)


def standing(
    *,
    mode: Mode = Mode.SHADOW,
    offered: list[Place] | None = None,
    others: list[Place] | None = None,
    log: LogPlace | None = None,
    live: PolicyVersion | None = None,
    draft: PolicyVersion | None = None,
) -> Standing:
    places = [*(offered or ()), *(others or ())]
    watched = {place.channel_id: place.mode if place.is_own_mode else None for place in places}
    settings = GuildSettings(1, mode=mode, watched=watched)
    return Standing(settings, offered or [], others or [], log, live, draft)


def place(number: int = 0, **how: object) -> Place:
    return Place(CHANNEL + number, Mode.SHADOW, is_own_mode=False, **how)  # type: ignore[arg-type]


def test_a_new_server_misses_all_but_the_mode_which_is_shadow() -> None:
    assert [one.mark for one in steps(standing())] == [Mark.MISSING, Mark.MISSING, Mark.MISSING, Mark.DONE]
    assert steps(standing())[3].words == "shadow: judge and log, touch nothing."
    assert "Still missing: channels, log and policy." in (setup_embed(standing()).description or "")


def test_a_server_that_is_set_up_is_told_to_stay_in_shadow_for_a_while() -> None:
    done = standing(offered=[place()], log=LogPlace(5), live=version(1))
    assert {one.mark for one in steps(done)} == {Mark.DONE}
    assert "All is set. Stay in shadow" in (setup_embed(done).description or "")
    assert not setup_embed(done).fields


@pytest.mark.parametrize(
    ("amiss", "said"),
    [
        (place(missing=LACKING[:1]), f"The bot lacks View Channel in <#{CHANNEL}>: grant it to the bot's role."),
        (place(known=False), f"<#{CHANNEL}> is deleted, or hidden from the bot: let the bot's role see it."),
        (place(exempt=True), f"<#{CHANNEL}> is exempt, so nothing in it is judged: see /exempt list."),
    ],
)
def test_what_is_set_but_does_not_work_is_marked_and_its_remedy_named(amiss: Place, said: str) -> None:
    shown = standing(offered=[amiss], log=LogPlace(5), live=version(1))
    assert steps(shown)[0].mark is Mark.AMISS
    embed = setup_embed(shown)
    assert embed.fields[0].value == said
    assert "see below what is to be mended" in (embed.description or "")


def test_modes_of_their_own_and_a_mode_that_judges_nothing_are_said() -> None:
    own = [Place(CHANNEL + number, Mode.ENFORCE, is_own_mode=True) for number in range(2)]
    mode = steps(standing(offered=own, mode=Mode.OFF))[3]
    assert mode.mark is Mark.MISSING
    assert mode.words == "off: nothing is judged. 2 watched channels have modes of their own: see /watch list."


def test_publish_is_there_only_while_no_policy_is_live() -> None:
    draft = version(0)
    first, later = setup_view(standing(draft=draft)), setup_view(standing(draft=draft, live=version(1, "1. No cats.")))
    assert [one.custom_id for one in first.children if "publish" in one.custom_id] == [  # type: ignore[attr-defined]
        f"lawspeaker:setup:publish:{draft.digest}"
    ]
    assert not [one for one in later.children if "publish" in one.custom_id]  # type: ignore[attr-defined]


def test_shadow_is_the_first_mode_to_pick_and_every_pack_can_be_picked() -> None:
    view = setup_view(standing(mode=Mode.OFF))
    selects = [one.item for one in view.children if isinstance(one.item, discord.ui.Select)]  # type: ignore[attr-defined]
    packs, modes = selects
    assert [option.value for option in modes.options] == ["shadow", "enforce", "off"]
    assert [option.value for option in modes.options if option.default] == ["off"]
    assert [option.value for option in packs.options] == [pack.name for pack in load_packs()]


async def test_everything_at_its_longest_is_within_discords_limits_and_five_rows() -> None:
    most = standing(
        offered=[place(number, missing=LACKING) for number in range(25)],
        others=[place(number, known=False) for number in range(25, 500)],
        log=LogPlace(CHANNEL, missing=LACKING),
        draft=version(0),
    )
    embed, view, form = setup_embed(most), setup_view(most), Form()
    check_embeds(form, [embed.to_dict()])
    components = view.to_components()
    check_components(form, components)
    form.refuse()
    assert len(components) == 5
    assert len(embed) <= EMBED_TOTAL
    assert view.is_persistent()
    assert all(len(one.custom_id) <= CUSTOM_ID for one in view.children)  # type: ignore[attr-defined]
    assert "… and " in (embed.fields[1].value or "")


def test_notes_say_what_became_of_a_change() -> None:
    assert watched_note([], []) == "Nothing was changed."
    assert watched_note([1, 2], [3]) == "<#1> and <#2> are watched. <#3> is watched no longer."
    assert merged_note(["scams"], ["politics"], 7, is_first=True) == (
        "Merged into the draft: scams. There already: politics. It goes on from the draft of <@7>. "
        "Nothing is judged by it until you press Publish."
    )
