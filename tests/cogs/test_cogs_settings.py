"""What `/settings` shows: everything, what is gone said to be, and within Discord's limits however much is set."""

from __future__ import annotations

from dataclasses import replace

import discord
import pytest

from bot.discord_io.limits import CUSTOM_ID, EMBED_FIELD_VALUE, EMBED_TOTAL
from bot.domain.decision import Thresholds, ThresholdTable
from bot.domain.guild import GuildSettings
from bot.domain.ladder import LadderTable, read_ladder
from bot.domain.policy import Rule
from bot.domain.setting_fields import FIELDS, PAGES
from bot.domain.setting_kinds import Kind, Page
from bot.sandbox.checks.components import check_components
from bot.sandbox.checks.form import Form
from bot.sandbox.checks.modal import check_modal
from cogs.render_settings import Seen, overview, page_embed, rule_name, shown_for
from cogs.settings_view import TYPED, settings_modal, settings_view

BIG = 2**63 - 1
LONG_LADDER = read_ladder("; ".join(f"{n} in {n}h: timeout {n * 20}m" for n in range(43, 51)))
RULES = [Rule(str(number), "No @everyone, *no* " + "words " * 300) for number in range(1, 21)]
FULL = GuildSettings(
    1,
    warning_template="{what} @here *".ljust(1_900, "x"),
    help_lines="@here *".ljust(1_000, "x"),
    language="fr",
    watched={BIG - number: None for number in range(500)},
    log_channel_id=BIG,
    review_channel_id=BIG - 1,
    escalation_role_id=BIG,
    moderator_role_ids=frozenset(BIG - number for number in range(25)),
    thresholds=ThresholdTable(Thresholds(), {f"ABCDE{n}.ab": Thresholds(0.123456, 0.1) for n in range(40)}),
    ladder=LadderTable(LONG_LADDER, {f"ABCDE{n}.ab": LONG_LADDER for n in range(40)}),
)
EMPTY, EVERYTHING = Seen(GuildSettings(1), (), (), ()), Seen(FULL, RULES, (), ())
THERE = Seen(FULL, RULES, {BIG, BIG - 1}, {BIG - number for number in range(25)})


def test_the_overview_shows_every_setting() -> None:
    text = str(overview(EMPTY).to_dict())
    assert [one.title for one in FIELDS.values() if one.kind is not Kind.PER_RULE and one.title not in text] == []
    assert "acts from 85 %, a human looks from 50 %" in text
    assert "All rules without a ladder of their own, counted together: none" in text
    for command in ("/watch list", "/exempt list"):
        assert command in text


@pytest.mark.parametrize("seen", [EMPTY, EVERYTHING, THERE])
@pytest.mark.parametrize("page", [None, *PAGES])
def test_every_page_fits_discords_limits_and_pings_nobody(page: Page | None, seen: Seen) -> None:
    embed = overview(seen) if page is None else page_embed(page, seen)
    assert len(embed) <= EMBED_TOTAL
    assert all(0 < len(str(field.value)) <= EMBED_FIELD_VALUE for field in embed.fields)
    assert "@everyone" not in str(embed.to_dict())
    form = Form()
    check_components(form, settings_view(seen, page).to_components())
    form.refuse()


@pytest.mark.parametrize("seen", [EMPTY, EVERYTHING])
def test_every_modal_fits_discords_limits_and_names_its_setting(seen: Seen) -> None:
    for one in FIELDS.values():
        for rule in ["", *seen.rule_keys()] if one.kind is Kind.PER_RULE else [""]:
            if one.inputs:
                modal = settings_modal(one, seen, rule)
                check_modal(modal.to_dict())
                match = TYPED.fullmatch(modal.custom_id)
                assert match is not None
                assert (match["name"], match["rule"] or "") == (one.name, rule)
                assert len(modal.custom_id) <= CUSTOM_ID


def test_a_channel_or_role_that_is_gone_is_said_to_be_and_is_picked_no_longer() -> None:
    channels, roles = PAGES[1], PAGES[2]
    assert str(page_embed(channels, EVERYTHING).description).count("which is gone") == 2
    assert "gone" not in str(page_embed(channels, THERE).description)
    assert "which is gone (deleted)" in str(page_embed(roles, EVERYTHING).description)
    assert f"of these gone (deleted): {BIG - 24}" in str(page_embed(roles, EVERYTHING).description)
    (select,) = [item for item in settings_view(EVERYTHING, channels).children if "log_channel" in str(item.custom_id)]  # type: ignore[attr-defined]
    assert select.to_component_dict().get("default_values", []) == []


def test_a_rules_own_thresholds_are_told_from_the_servers() -> None:
    seen = Seen(
        replace(GuildSettings(1), thresholds=ThresholdTable(by_rule={"9": Thresholds(0.9, 0.1)})), RULES, (), ()
    )
    thresholds = FIELDS["thresholds"]
    assert shown_for(thresholds, "1", seen).endswith("(the server's)")
    assert shown_for(thresholds, "9", seen) == "acts from 90 %, a human looks from 10 %"
    gone = replace(seen, rules=())
    assert gone.rule_keys() == ["9"]
    assert rule_name(thresholds, "9", gone) == "Rule 9, in no policy that you can see"


def test_what_a_rule_does_not_have_of_its_own_is_not_made_so_by_sending_the_modal_off() -> None:
    ladder = LadderTable(read_ladder("3 in 7d: timeout 1h"), {"2": ()})
    seen = Seen(replace(GuildSettings(1), ladder=ladder), RULES, (), ())

    def shows(rule: str) -> tuple[str | None, str | None]:
        (label,) = settings_modal(FIELDS["ladder"], seen, rule).children
        assert isinstance(label, discord.ui.Label)
        assert isinstance(label.component, discord.ui.TextInput)
        return label.component.default, label.component.placeholder

    assert shows("") == ("3 cases in 7d: timeout 1h", None)
    assert shows("1") == (None, "3 cases in 7d: timeout 1h")
    assert shows("2") == ("none", None)


def test_the_controls_outlive_a_restart() -> None:
    for page in PAGES:
        view = settings_view(EMPTY, page)
        assert view.is_persistent()
        assert all(isinstance(item, discord.ui.DynamicItem) for item in view.children)
