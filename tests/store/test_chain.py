"""The chain: whatever is changed past the program is found and named."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.domain.chain import Fault
from bot.domain.decision import Mode
from bot.domain.records import ReviewKind
from bot.store import Store
from bot.store.chain_kinds import KINDS
from bot.store.engine import sqlite_file
from tests.store.chained import GUILD, MODERATOR, faults, findings, links, tamper

CHANGES = {
    "UPDATE setting_changes SET author_id = 8 WHERE id = 1": "setting 1",
    "UPDATE setting_changes SET after = 'false' WHERE id = 2": "setting 2",
    "UPDATE policies SET live_number = 1": "policy.live 10",
    "UPDATE policy_versions SET source = '1. Threats are fine.' WHERE number = 1": "policy 1",
    "UPDATE policy_calibrations SET shift = 1 WHERE number = 1": "policy.calibration 1",
    "UPDATE cases SET number = 7 WHERE id = 1": "case 1",
    "UPDATE submissions SET channel_id = 8 WHERE id = 1": "message 1",
    "UPDATE submissions SET text = 'others' WHERE id = 1": "message.words 1",
    "UPDATE submissions SET author_id = 8 WHERE id = 1": "message.author 1",
    "UPDATE verdicts SET decided_rule = '2' WHERE submission_id = 1": "verdict 1",
    "UPDATE verdicts SET quote = 'other' WHERE submission_id = 1": "verdict.reasons 1",
    "UPDATE actions SET outcome = 'failed' WHERE id = 1": "action 1",
    "UPDATE actions SET undo_note = 'not lifted' WHERE id = 2": "action 2",
    "UPDATE reviews SET kind = 'confirm' WHERE id = 1": "review 1",
    "UPDATE reviews SET note = 'it was not' WHERE id = 1": "review.note 1",
    "UPDATE case_notes SET text = 'not looked at' WHERE id = 1": "note 1",
    "UPDATE appeals SET answered_by = 8 WHERE case_id = 1": "appeal 1",
    "UPDATE appeals SET answer = 'yes' WHERE case_id = 1": "appeal.words 1",
    "UPDATE reports SET reporter_id = 8 WHERE case_id = 1 AND reporter_id = 31": "reports 1",
    "DELETE FROM reports WHERE case_id = 2 AND reporter_id = 31": "reports 2",
}


def named(found: list[tuple[Fault, str]], fault: Fault) -> list[str]:
    """The kind and number of each row in which a fault was found; all findings must be of this fault."""
    assert {one for one, _ in found} == {fault}
    return sorted(what.split(" of the table ")[0] for _, what in found)


async def test_whatever_was_changed_is_named(full: Store) -> None:
    is_sqlite = sqlite_file(full.url) is not None
    refusing = "DROP TRIGGER policy_versions_are_immutable" + ("" if is_sqlite else " ON policy_versions")
    await tamper(full, refusing, *CHANGES)
    assert named(await faults(full), Fault.CHANGED) == sorted(CHANGES.values())
    assert {kind.name for kind in KINDS.values()} == {what.split()[0] for what in CHANGES.values()}


async def test_rows_that_were_removed_are_named(full: Store) -> None:
    await tamper(
        full,
        "DELETE FROM setting_changes WHERE id = 2",
        "DELETE FROM actions WHERE id = 1",
        "DELETE FROM case_notes WHERE id = 1",
        "DELETE FROM reports WHERE case_id = 2",
    )
    assert named(await faults(full), Fault.REMOVED) == ["action 1", "note 1", "reports 2", "setting 2"]


async def test_rows_that_were_put_in_are_named_whatever_time_they_say(full: Store) -> None:
    await full.reviews.answer(GUILD, 2, ReviewKind.CONFIRM, MODERATOR, known=1)
    await tamper(
        full,
        "INSERT INTO setting_changes (guild_id, at, author_id, what) "
        "SELECT guild_id, at, 8, 'mode' FROM setting_changes WHERE id = 2",
        "INSERT INTO reviews (id, case_id, kind, reviewer_id, note, at) "
        "VALUES (-5, 2, 'confirm', 8, '', '2020-01-01 00:00:00')",
        "INSERT INTO actions (case_id, kind, outcome, note, nonce) VALUES (1, 'ban', 'done', '', '')",
        "UPDATE reviews SET note = 'I was bribed' WHERE id = 3",
    )
    assert named(await faults(full), Fault.UNLINKED) == ["action 5", "review -5", "review.note 3", "setting 3"]


async def test_a_missing_link_is_found(full: Store) -> None:
    await tamper(full, "DELETE FROM chain_links WHERE sequence = 5")
    assert (await faults(full))[0] == (Fault.MISSING, "Link 5 is missing.")


async def test_links_removed_with_what_they_are_about_and_numbered_anew_are_found(full: Store) -> None:
    await tamper(
        full,
        "DELETE FROM setting_changes WHERE id = 1",
        "DELETE FROM chain_links WHERE kind = 'setting' AND ref = 1",
        "UPDATE chain_links SET sequence = -sequence",
        "UPDATE chain_links SET sequence = -sequence - 1",
        "UPDATE chains SET sequence = sequence - 1",
    )
    found = await faults(full)
    assert found[0] == (Fault.ORDER, "Link 1 does not follow from the one before it.")
    assert {fault for fault, _ in found} == {Fault.ORDER, Fault.FORGED}


async def test_a_broken_order_is_found(full: Store) -> None:
    await tamper(
        full,
        "UPDATE chain_links SET sequence = -1 WHERE sequence = 3",
        "UPDATE chain_links SET sequence = 3 WHERE sequence = 4",
        "UPDATE chain_links SET sequence = 4 WHERE sequence = -1",
    )
    found = await faults(full)
    assert (Fault.ORDER, "Link 3 does not follow from the one before it.") in found
    assert (Fault.ORDER, "Link 4 does not follow from the one before it.") in found


FORGERIES = (
    "ref = 99",
    "kind = 'case'",
    "event = 'erased'",
    "by_id = 8",
    "at = '2020-01-01 00:00:00'",
    "commitment = hash",
    "hash = commitment",
    "previous = commitment",
    "guild_id = 11",
)


async def test_forged_links_are_found(full: Store) -> None:
    numbers = [2 * n for n in range(1, len(FORGERIES) + 1)]
    await tamper(
        full,
        *(
            f"UPDATE chain_links SET {change} WHERE sequence = {n}"
            for n, change in zip(numbers, FORGERIES, strict=True)
        ),
    )
    found = await faults(full)
    for number in numbers:
        assert (Fault.FORGED, f"Link {number} is not what was written: it was changed or forged.") in found


async def test_a_link_of_somebody_who_has_no_key_is_found(full: Store) -> None:
    await tamper(
        full,
        "INSERT INTO chain_links (guild_id, sequence, at, kind, ref, event, by_id, key_id, previous, commitment, hash) "
        "SELECT guild_id, sequence + 1, at, kind, ref, 'erased', 0, key_id, hash, commitment, previous "
        "FROM chain_links ORDER BY sequence DESC LIMIT 1",
        "UPDATE chains SET sequence = sequence + 1, "
        "hash = (SELECT hash FROM chain_links ORDER BY sequence DESC LIMIT 1)",
    )
    assert (Fault.FORGED, f"Link {await links(full)} is not what was written: it was changed or forged.") in (
        await faults(full)
    )


async def test_an_end_that_was_cut_off_is_found(full: Store) -> None:
    last = await links(full)
    await tamper(full, f"DELETE FROM chain_links WHERE sequence > {last - 3}")
    assert (Fault.CUT, f"The chain ends with link {last - 3}, but it went on to link {last}.") in await faults(full)


async def test_an_end_cut_off_with_all_that_it_is_about_is_found_by_the_head_that_was_posted(full: Store) -> None:
    last = await links(full)
    await full.guilds.update(GUILD, mode=Mode.OFF, by=MODERATOR)
    covered = await full.chain.covered(GUILD)
    assert covered is not None
    post = await full.head_posts.due(GUILD, datetime.now(UTC).date())
    assert post is not None
    assert post.head == covered.head
    await tamper(
        full,
        f"DELETE FROM chain_links WHERE sequence > {last}",
        "DELETE FROM setting_changes WHERE id = 3",
        f"UPDATE chains SET sequence = {last}, hash = (SELECT hash FROM chain_links WHERE sequence = {last})",
    )
    ((fault, said),) = await faults(full)
    assert (fault, said.split(" on 2")[0]) == (Fault.CUT, f"Link {last + 1} is not the one whose hash was posted")
    await tamper(full, "DELETE FROM chain_posts")
    assert await findings(full) == []
    assert not await full.chain.has(post.head.hash)


async def test_all_links_gone_are_found(full: Store) -> None:
    await tamper(full, "DELETE FROM chain_links")
    assert [fault for fault, _ in await faults(full)] == [Fault.CUT]


async def test_content_erased_past_the_program_is_found_with_its_salt_and_without(full: Store) -> None:
    blank = "UPDATE submissions SET text = '', normalised = '', context = '[]', author_name = '', cleared = "
    await tamper(full, f"{blank}{'1' if sqlite_file(full.url) else 'true'} WHERE id = 1")
    said = "message.words 1 of the table submissions"
    assert [(fault, what.split(" (")[0]) for fault, what in await faults(full)] == [(Fault.UNRECORDED, said)]
    await tamper(full, "UPDATE chain_links SET salt = NULL WHERE kind = 'message.words' AND ref = 1")
    assert [(fault, what.split(" (")[0]) for fault, what in await faults(full)] == [(Fault.UNRECORDED, said)]
