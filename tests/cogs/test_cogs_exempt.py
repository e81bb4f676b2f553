"""What `/exempt` says: all that is exempt by it, what is gone, within Discord's limits."""

from __future__ import annotations

import pytest

from bot.discord_io.limits import CHOICE_NAME, EMBED_FIELD_VALUE, EMBED_TOTAL
from cogs.render_exempt import KINDS, Exempt, added_sentence, choice_name, exempt_list, removed_sentence

LARGEST_ID = 2**63 - 1


@pytest.mark.parametrize(
    ("one", "within", "sentence"),
    [
        (Exempt("role", 5), 0, "Whoever has <@&5> is judged no longer."),
        (Exempt("user", 5), 0, "<@5> is judged no longer."),
        (Exempt("channel", 5), 0, "<#5> is judged no longer, its threads included."),
        (
            Exempt("category", 5),
            1,
            "<#5> is judged no longer: the 1 channel in it now, and any that is put there later.",
        ),
        (
            Exempt("category", 5),
            3,
            "<#5> is judged no longer: the 3 channels in it now, and any that is put there later.",
        ),
    ],
)
def test_all_that_is_exempt_by_it_is_said_at_once(one: Exempt, within: int, sentence: str) -> None:
    assert added_sentence(one, within) == sentence


def test_what_exempts_a_channel_all_the_same_is_said() -> None:
    assert removed_sentence(Exempt("channel", 5), None) == "<#5> is exempt no longer."
    still = removed_sentence(Exempt("channel", 5), Exempt("category", 6))
    assert still == "<#5> is exempt no longer by itself, but its category <#6> still is."


def test_the_list_names_each_kind_and_says_what_is_gone() -> None:
    embed = exempt_list([Exempt("role", 1), Exempt("role", 2, gone=True), Exempt("user", 3), Exempt("category", 4)])
    shown = [str(field.value) for field in embed.fields]
    assert shown == ["<@&1>\n<@&2> · a role that is deleted · id 2", "<@3>", "none", "<#4>"]


def test_a_server_with_hundreds_of_exemptions_of_each_kind_fits() -> None:
    exempt = [Exempt(kind, LARGEST_ID - number, gone=True) for kind in KINDS for number in range(300)]
    embed = exempt_list(exempt)
    assert len(embed) <= EMBED_TOTAL
    assert all(len(str(field.value)) <= EMBED_FIELD_VALUE for field in embed.fields)


def test_a_suggestion_has_a_name_or_the_id_and_fits() -> None:
    assert choice_name(Exempt("role", 5, "Trusted")) == "role Trusted"
    assert choice_name(Exempt("channel", 5, gone=True)) == "channel 5 (gone)"
    assert len(choice_name(Exempt("role", 5, "x" * 100, gone=True))) <= CHOICE_NAME
