"""The ledger's page for words: direct messages to members, and notices to moderators, each sent once."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from bot.discord_io.help_text import help_greeting
from bot.domain.policy import ActionKind
from bot.domain.records import ActionOutcome, CaseRecord, ReviewKind
from bot.domain.untold import untold_by
from bot.sandbox.answer import walk
from bot.sandbox.model import ChannelKind, Guild, Message, User
from bot.sandbox.world import World

_APPEAL = re.compile(r"lawspeaker:appeal:(\d+):(\d+)")
_TELLING = frozenset({ActionKind.WARN, ActionKind.KICK, ActionKind.BAN})
_TRIED = frozenset({ActionOutcome.ATTEMPTED, ActionOutcome.DONE})


def buttons(message: Message) -> list[str]:
    """The `custom_id`s of what can be pressed or chosen below a message."""
    return [one["custom_id"] for one in walk(message.components) if "custom_id" in one]


def letters_broken(world: World, guild: Guild, bot: User, cases: Sequence[CaseRecord]) -> Iterator[str]:
    """A member is told of a case once, and is sent nothing else twice; what is recorded as told was."""
    told: Counter[int] = Counter()
    helped: Counter[tuple[int, int]] = Counter()
    greeting = help_greeting(guild.name)
    for user, letters in _letters(world, bot):
        others: Counter[str] = Counter()
        for letter in letters:
            numbers = [int(found[2]) for found in _appeals(letter) if int(found[1]) == guild.id]
            told.update(numbers)
            if letter.content.startswith(greeting):
                helped[user.id, _subject(letter)] += 1
            elif f"**{guild.name}**" in letter.content:
                others[letter.content] += 1
        for content, times in others.items():
            if times > 1:
                yield f"{user.name} was sent {times} times: {content[:60]}"
    for case in cases:
        yield from _case_broken(guild, case, told.pop(case.number, 0))
    for number in told:
        yield f"a member was told of case {number} of {guild.name}, and there is none"
    yield from _help_broken(cases, helped)
    yield from _answers_broken(world, guild, bot, cases)


def _case_broken(guild: Guild, case: CaseRecord, times: int) -> Iterator[str]:
    """Who punishes tells the author why: the policy once, and each moderator who asks for something once."""
    name = f"case {case.number} of {guild.name}"
    telling = [one for one in case.actions if one.action.kind in _TELLING]
    if times > len({one.asked_by for one in telling}):
        yield f"the author of {name} was told of it {times} times"
    warned = [one.outcome for one in case.actions if one.action.kind is ActionKind.WARN]
    if ActionOutcome.DONE in warned and not times:
        yield f"{name}: warn is recorded as done, and the author was not told"
    if times and {one.action.kind for one in telling} == {ActionKind.WARN} and ActionOutcome.DONE not in warned:
        yield f"{name}: the author was told, and warn is recorded as {warned[0]}"


def _help_broken(cases: Sequence[CaseRecord], helped: Counter[tuple[int, int]]) -> Iterator[str]:
    """Help is offered over each message as often as it is recorded, whoever else is offered some at the same time."""
    offers: Counter[tuple[int, int]] = Counter()
    for case in cases:
        done = [one for one in case.actions if one.action.kind is ActionKind.HELP]
        about = case.submission.author_id, case.submission.message_id
        offers[about] += sum(one.outcome is ActionOutcome.DONE for one in done)
    for about in offers.keys() | helped.keys():
        if offers[about] != helped[about]:
            yield (
                f"user {about[0]} was offered help {helped[about]} times, by the records {offers[about]} times, "
                f"over message {about[1]}"
            )


def _subject(letter: Message) -> int:
    """The id of the message that help is offered over, 0 where it names none."""
    found = re.search(r"\]\(https://discord\.com/channels/\d+/\d+/(\d+)\)", letter.content)
    return int(found[1]) if found else 0


def _answers_broken(world: World, guild: Guild, bot: User, cases: Sequence[CaseRecord]) -> Iterator[str]:
    """Whoever appealed hears what moderators answered and decided, unless it is on record that they could not."""
    texts: dict[int, list[str]] = defaultdict(list)
    for user, letters in _letters(world, bot):
        texts[user.id] += [one.content for one in letters if f"**{guild.name}**" in one.content]
    for case in cases:
        if case.appeal is None:
            continue
        name, theirs = f"case {case.number} of {guild.name}", texts[case.submission.author_id]
        if untold := untold_by(case.appeal.note):
            yield f"{name}: by its note the {untold} is still to be told"
        elif case.appeal.note:
            continue
        about = rf"case {case.number}\b"
        if case.appeal.answered_at and not any(
            re.search(rf"answer your appeal against {about}", one) for one in theirs
        ):
            yield f"{name}: the answer to the appeal never reached its author"
        decided = (
            case.answer is not None and case.answer.at > case.appeal.at and case.answer.kind is not ReviewKind.OTHER
        )
        if decided and not any(re.search(rf"looked at {about} again after your appeal", one) for one in theirs):
            yield f"{name}: its author never heard what was decided after the appeal"


def notices_broken(guild: Guild, bot: User, cases: Sequence[CaseRecord]) -> Iterator[str]:
    """Moderators hear of an appeal once."""
    said = [one.content for channel in guild.channels.values() for one in channel.messages if one.author is bot]
    for case in cases:
        head = re.compile(rf"📨 The author of case {case.number}\b")
        times = sum(head.match(one) is not None for one in said)
        wanted = int(case.appeal is not None)
        failed = case.appeal is not None and case.appeal.note and not untold_by(case.appeal.note)
        if times != wanted and not failed:
            yield f"moderators were told {times} times of the appeal against case {case.number} of {guild.name}"


def _appeals(letter: Message) -> list[re.Match[str]]:
    return [found for name in buttons(letter) if (found := _APPEAL.fullmatch(name))]


def _letters(world: World, bot: User) -> Iterator[tuple[User, list[Message]]]:
    """Per user what the bot has written to them."""
    for channel in world.channels.values():
        if channel.kind is ChannelKind.DM and bot in channel.recipients:
            (user,) = (one for one in channel.recipients if one is not bot)
            yield user, [one for one in channel.messages if one.author is bot]
