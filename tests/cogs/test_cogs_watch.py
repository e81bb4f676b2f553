"""What `/watch` and `/mode` say, and what the bot is said to lack."""

from __future__ import annotations

import discord

from bot.discord_io.limits import CONTENT, EMBED_DESCRIPTION, EMBED_TOTAL
from bot.domain.decision import Mode
from cogs.channels import missing
from cogs.render_watch import LogPlace, Place, mode_sentence, watch_list, watched_sentence

LACKING = ("View Channel", "Read Message History", "Manage Messages")


def test_what_is_missing_is_called_as_in_discords_settings() -> None:
    permissions = discord.Permissions(view_channel=True)
    assert missing(permissions, ["view_channel", "read_message_history"]) == ["Read Message History"]


def test_watching_says_in_one_sentence_which_permission_is_missing() -> None:
    place = Place(5, Mode.ENFORCE, is_own_mode=True, missing=["View Channel", "Manage Messages"])
    assert watched_sentence(place) == (
        "<#5> is watched: **enforce**; but the bot lacks View Channel and Manage Messages in <#5>: "
        "grant it to the bot's role."
    )
    assert "lacks" not in watched_sentence(Place(5, Mode.SHADOW, is_own_mode=False))


def test_the_list_shows_modes_the_log_and_what_is_missing_and_survives_deleted_channels() -> None:
    places = [
        Place(5, Mode.ENFORCE, is_own_mode=True, missing=["Manage Messages"]),
        Place(6, Mode.SHADOW, is_own_mode=False),
        Place(7, Mode.SHADOW, is_own_mode=False, known=False),
    ]
    embed = watch_list(Mode.SHADOW, places, LogPlace(8, missing=["Embed Links"]))
    lines = (embed.description or "").splitlines()
    assert lines[0] == "<#5> · enforce · the bot lacks Manage Messages"
    assert lines[1] == "<#6> · shadow (the server's)"
    assert "deleted" in lines[2]
    assert [field.value for field in embed.fields] == [
        "shadow",
        "<#8> · calls nobody: name a role with /watch log · the bot lacks Embed Links",
    ]


def test_a_server_with_every_channel_watched_and_none_allowed_fits_the_limits() -> None:
    places = [Place(2**63 - 1 - number, Mode.ENFORCE, is_own_mode=False, missing=LACKING) for number in range(500)]
    embed = watch_list(Mode.ENFORCE, places, None)
    assert len(embed.description or "") <= EMBED_DESCRIPTION
    assert len(embed) <= EMBED_TOTAL
    shown = (embed.description or "").splitlines()
    assert shown[-1] == f"… and {500 - (len(shown) - 1)} more"
    assert len(mode_sentence(Mode.ENFORCE, 3, places)) <= CONTENT


def test_nothing_set_says_what_to_do() -> None:
    embed = watch_list(Mode.SHADOW, [], None)
    assert "/watch add" in (embed.description or "")
    assert "/watch log" in str(embed.fields[1].value)
