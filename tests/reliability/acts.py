"""What is played while the bot is killed; see `tests.reliability.points.KILLS`.

Each act begins the first life, prepares what it needs, and lets the points count from `house.arm()` on. What a human
does who gets no answer is done again, until it holds.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from bot.domain.records import CLAIM_LASTS, CaseRecord
from bot.sandbox.model import Message, Overwrite, User
from bot.sandbox.permissions import MANAGE_MESSAGES, VIEW_CHANNEL
from tests.reliability.house import MARK, House, Place

Holds = Callable[[CaseRecord], bool]


async def says_something_fine(house: House, place: Place) -> None:
    await house.alive()
    house.arm()
    house.says(place, "hello")


async def edits(house: House, place: Place) -> None:
    await house.alive()
    message = house.says(place, "hello")
    await house.judged(message)
    house.arm()
    house.server.posting.edit(message, {"content": f"hello again {MARK}"})


async def is_judged_later(house: House, place: Place) -> None:
    await house.alive()
    house.arm()
    house.says(place, "later")


async def speaks_where_there_is_no_policy(house: House, place: Place) -> None:
    other = await house.place("Next door", policy=None)
    await house.alive()
    house.arm()
    house.says(other, "hello")


def _breaks(rule: str) -> Act:
    async def breaks(house: House, place: Place) -> None:
        await house.alive()
        house.arm()
        house.says(place, f"rule {rule}")

    return breaks


async def breaks_rule_5_and_is_let_in_again(house: House, place: Place) -> None:
    await house.alive()
    house.arm()
    author = house.says(place, "rule 5").author

    async def is_banned() -> bool:
        return author.id in place.guild.bans

    await house.eventually(is_banned)
    house.server.moderation.unban(place.guild, place.moderator, author, None)
    house.server.moderation.join(place.guild, author)


async def has_a_timeout_overturned(house: House, place: Place) -> None:
    await _overturned(house, place, await _case(house, place, "rule 3"))


async def has_a_ban_overturned(house: House, place: Place) -> None:
    await _overturned(house, place, await _case(house, place, "rule 5"))


async def has_a_ban_asked_for(house: House, place: Place) -> None:
    await _asked_for(house, place, "ban")


async def has_a_deletion_asked_for(house: House, place: Place) -> None:
    await _asked_for(house, place, "delete")


async def appeals(house: House, place: Place) -> None:
    case = await _case(house, place, "rule 3")
    house.arm()
    await _appeal(house, case)


async def has_an_appeal_decided(house: House, place: Place) -> None:
    case = await _case(house, place, "rule 3")
    await _appeal(house, case)
    house.arm()
    await _pressed(house, place, case, "Confirm", lambda now: now.answer is not None)


async def has_an_appeal_answered(house: House, place: Place) -> None:
    case = await _case(house, place, "rule 3")
    await _appeal(house, case)
    moderator = await house.client(place.moderator)
    house.arm()

    async def answer() -> None:
        where = place.guild.id, place.general.id
        await moderator.slash(*where, "case answer", number=case.number, text=f"No. {MARK}")

    await house.insist(
        answer, _of(house, case, lambda now: now.appeal is not None and now.appeal.answered_at is not None)
    )


async def has_a_case_claimed(house: House, place: Place) -> None:
    case = await _case(house, place, "perhaps 1")
    house.arm()
    await _pressed(house, place, case, "Claim", lambda now: now.claimed_by is not None)


async def has_a_case_released(house: House, place: Place) -> None:
    case = await _case(house, place, "perhaps 1")
    await _pressed(house, place, case, "Claim", lambda now: now.claimed_by is not None)
    house.arm()
    await _pressed(house, place, case, "Release", lambda now: now.claimed_by is None)


async def has_the_next_case_claimed(house: House, place: Place) -> None:
    case = await _case(house, place, "perhaps 1")
    moderator = await house.client(place.moderator)
    house.arm()

    async def take() -> None:
        queue = await moderator.slash(place.guild.id, place.general.id, "queue")
        await moderator.press(queue.shown, "Next")

    await house.insist(take, _of(house, case, lambda now: now.claimed_by is not None))


async def has_a_claim_lapse(house: House, place: Place) -> None:
    case = await _case(house, place, "perhaps 1")
    house.arm()
    long_ago = datetime.now(UTC) - 2 * CLAIM_LASTS
    await house.store.reviews.claim(place.guild.id, case.number, place.moderator.id, long_ago)
    await house.eventually(_of(house, case, lambda now: now.claimed_by is None))


async def has_something_noted(house: House, place: Place) -> None:
    case = await _case(house, place, "rule 2")
    moderator = await house.client(place.moderator)
    house.arm()

    async def note() -> None:
        await moderator.slash(place.guild.id, place.general.id, "case note", number=case.number, text=f"Seen. {MARK}")

    await house.insist(note, _of(house, case, lambda now: bool(now.notes)))


async def reports(house: House, place: Place) -> None:
    await house.alive()
    message = house.says(place, "hello")
    await house.judged(message)
    house.arm()
    await _report(house, place, message, house.member(place))


async def waits_for_the_head(house: House, place: Place) -> None:
    house.arm()
    await house.begin()
    await house.dies()

    async def is_posted() -> bool:
        return any("the chain of this server's records" in one.content for one in place.log.messages)

    await house.eventually(is_posted)


async def lacks_a_permission(house: House, place: Place) -> None:
    await house.alive()
    (role,) = (one for one in place.guild.roles.values() if one.managed_by == house.bot.id)
    role.permissions &= ~MANAGE_MESSAGES
    house.server.moderation.tell_role(place.guild, role, "UPDATE")
    house.arm()

    async def break_a_rule() -> None:
        await house.settled(house.says(place, "rule 1"))
        await house.eventually(is_told, seconds=5)

    async def is_told() -> bool:
        lacked = await house.store.lacks.of(place.guild.id)
        return bool(lacked) and all(one.message_id is not None for one in lacked)

    async def is_mended() -> bool:
        return not await house.store.lacks.of(place.guild.id)

    await house.insist(break_a_rule, is_told)
    role.permissions |= MANAGE_MESSAGES
    house.server.moderation.tell_role(place.guild, role, "UPDATE")
    await house.eventually(is_mended)


async def is_forgotten(house: House, place: Place) -> None:
    await house.alive()
    others = house.says(place, "hello")
    await house.judged(others)
    author = (await _written(house, place)).author
    await _report(house, place, others, author)
    house.arm()

    async def nothing_is_held() -> bool:
        return (await house.store.erasure.held(place.guild.id, author.id, [author.name])).is_nothing

    await house.insist(lambda: _forget(house, place, author), nothing_is_held)


async def is_forgotten_behind_a_closed_door(house: House, place: Place) -> None:
    await house.alive()
    message = await _written(house, place)
    case = await house.settled(message)
    house.server.places.set_overwrite(place.log, Overwrite(house.bot.id, 1, deny=VIEW_CHANNEL))
    house.arm()
    words_are_gone = _of(house, case, lambda now: not now.submission.text)
    await house.insist(lambda: _forget(house, place, message.author), words_are_gone)
    await house.dies()
    house.server.places.set_overwrite(place.log, Overwrite(house.bot.id, 1))


# -- what they are made of -----------------------------------------------------------------------------------


async def _case(house: House, place: Place, words: str) -> CaseRecord:
    """A settled case."""
    await house.alive()
    return await house.settled(house.says(place, words))


async def _written(house: House, place: Place) -> Message:
    """A message of somebody that has a settled case."""
    message = house.says(place, "rule 2")
    await house.settled(message)
    return message


def _of(house: House, case: CaseRecord, holds: Holds) -> Callable[[], Awaitable[bool]]:
    """Whether something holds of the case as it is then."""

    async def looked_at() -> bool:
        now = await house.store.cases.get(case.guild_id, case.number)
        return now is not None and holds(now)

    return looked_at


async def _pressed(house: House, place: Place, case: CaseRecord, label: str, holds: Holds) -> None:
    moderator = await house.client(place.moderator)

    async def press() -> None:
        assert case.log_message_id is not None
        post = await moderator.message(place.log.id, case.log_message_id)
        assert post is not None
        await moderator.press(post, label)

    await house.insist(press, _of(house, case, holds))


async def _overturned(house: House, place: Place, case: CaseRecord) -> None:
    house.arm()
    await _pressed(house, place, case, "Overturn", lambda now: now.answer is not None)


async def _asked_for(house: House, place: Place, action: str) -> None:
    case = await _case(house, place, "rule 2")
    moderator = await house.client(place.moderator)
    house.arm()

    async def choose() -> None:
        assert case.log_message_id is not None
        post = await moderator.message(place.log.id, case.log_message_id)
        assert post is not None
        await moderator.select(post, f"lawspeaker:case:act:{case.number}", [action])

    await house.insist(choose, _of(house, case, lambda now: now.answer is not None))


async def _appeal(house: House, case: CaseRecord) -> None:
    author = await house.client(house.world.users[case.submission.author_id])

    async def appeal() -> None:
        channel = await author.dm_channel(house.bot.id)
        (letter,) = await author.messages(channel["id"])
        asked = await author.press(letter, "Appeal")
        if asked.modal is not None:
            await author.submit(asked.modal, {"text": f"It was a joke. {MARK}"})

    await house.insist(appeal, _of(house, case, lambda now: now.appeal is not None))


async def _report(house: House, place: Place, message: Message, reporter: User) -> None:
    client = await house.client(reporter)

    async def report() -> None:
        where = place.guild.id, place.general.id
        await client.menu(*where, "Report to moderators", message_id=message.id)

    async def is_reported() -> bool:
        cases = await house.store.cases.list(place.guild.id)
        return any(one.submission.message_id == message.id and one.reporters for one in cases)

    await house.insist(report, is_reported)


async def _forget(house: House, place: Place, user: User) -> None:
    moderator = await house.client(place.moderator)
    asked = await moderator.slash(place.guild.id, place.general.id, "privacy forget", member=user.id)
    await moderator.press(asked.shown, "Erase for good")


Act = Callable[[House, Place], Awaitable[None]]


ACTS: dict[str, Act] = {
    one.__name__: one
    for one in (
        says_something_fine,
        edits,
        is_judged_later,
        speaks_where_there_is_no_policy,
        breaks_rule_5_and_is_let_in_again,
        has_a_timeout_overturned,
        has_a_ban_overturned,
        has_a_ban_asked_for,
        has_a_deletion_asked_for,
        appeals,
        has_an_appeal_decided,
        has_an_appeal_answered,
        has_a_case_claimed,
        has_a_case_released,
        has_the_next_case_claimed,
        has_a_claim_lapse,
        has_something_noted,
        reports,
        waits_for_the_head,
        lacks_a_permission,
        is_forgotten,
        is_forgotten_behind_a_closed_door,
    )
} | {f"breaks_rule_{rule}": _breaks(rule) for rule in "13456"}
