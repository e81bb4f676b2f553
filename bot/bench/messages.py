"""What is judged in the benchmark: four servers' policies, and messages put together from parts by a seed.

Written for this alone: none of it is in a pack, in what the judge was trained on, or in what its answers are measured
on. The messages are as long as chat is, 18 tokens or so. No two are alike, for a judge answers repeats from memory.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.policy import Policy
from bot.domain.policy_text import parse_policy

SHARE_VIOLATING = 0.05
_BLOCK = round(1 / SHARE_VIOLATING)


@dataclass(frozen=True, slots=True)
class Message:
    """A message to judge: the server's number (from 0), its text, and the rule it was written to break, if any."""

    server: int
    text: str
    rule: str | None = None


_COMMUNITIES = (
    ("Marrow Lane Allotments", "Neighbours who grow vegetables.", "No dosage or treatment advice for people or pets."),
    ("Cartridge Attic", "Collectors of old consoles and their games.", "No links to game images or cracked firmware."),
    ("Chalk and Rope", "Climbers of all grades who look for partners.", "No posting of where a member lives or works."),
    ("Late Reel", "People who watch one film a week together.", "No endings given away before the Sunday talk."),
)

_POLICY = """# House policy of {name}
{about} Newcomers are welcome, and so are strong opinions about the subject itself.

## Rules
1. Members of {name} are not insulted, mocked for who they are or threatened. [delete, warn]
2. Nothing on {name} that tricks people out of money, passwords or accounts. [delete]
3. No promotion of shops, channels or paid services on {name} without asking the staff. [flag]
4. {own} This is a firm line of {name}. [flag]

## Fine
- Hard words about tools, products, weather and one's own bad luck.
- Questions about whether an offer or a link can be trusted.

## Examples
- "whoever laughs at beginners here is a stain, get out of my sight {name}" breaks 1
- "your account expires tonight, confirm the password at renew-now.example" breaks 2
- "the wind tore my whole afternoon to pieces again" is fine
- "is that renewal mail real or is somebody fishing?" is fine
"""

_OPENERS = (
    "ok so", "honestly", "quick update:", "good morning all,", "does anyone know why", "funny thing,", "as promised,",
    "sorry for the late answer,", "not sure if it helps but", "after the rain", "for whoever asked,", "small win:",
    "between us,", "today I learned that", "to be fair,", "I keep thinking that", "last weekend", "at the meetup",
    "my brother swears that", "before I forget,",
)  # fmt: skip
_SUBJECTS = (
    "the second shelf in my shed", "that old grey controller", "the north wall by the quarry",
    "the black and white one",
    "my row of leeks", "the adapter from the flea market", "the new rope", "the projector in the hall",
    "the compost at the back", "the save battery", "our Thursday group", "the director's first short",
    "the water butt", "a cartridge without a label", "the left handhold", "the soundtrack",
    "the neighbour's greenhouse", "the power supply", "the guide book", "the restored copy",
)  # fmt: skip
_HAPPENINGS = (
    "turned out better than I feared", "needs another coat of paint", "took me three evenings to fix",
    "is still not what I had hoped for", "looks fine in daylight", "was worth the long drive",
    "makes a strange noise when cold", "finally does what it should", "came back with a dent in it",
    "will have to wait until spring", "got more praise than it deserves", "smells faintly of oil",
    "was cheaper than the one from last year", "fell over and nothing broke", "surprised everybody who saw it",
    "keeps slipping out of place",
)  # fmt: skip
_ENDINGS = (
    "so I am happy for now", "pictures follow tonight", "any ideas?", "see you on Saturday then", "thanks for the tip",
    "and the tea was good too", "lol", "what did you do with yours?", "I will try again tomorrow", "no hurry though",
    "that is all I know", "and nobody was surprised",
)  # fmt: skip

_BREAKING: dict[str, tuple[Sequence[str], Sequence[str], Sequence[str]]] = {
    "1": (
        ("listen you worthless clown,", "shut your mouth, idiot,", "nobody here can stand you,",
         "pathetic little worm,", "hey you brainless toad,", "crawl back to your hole, loser,"),
        ("people of your kind ruin every group", "you are too stupid to hold a spoon", "I will find you and hurt you",
         "your whole family must be ashamed of you", "go cry somewhere else you freak", "you disgust everyone here"),
        ("and we all laugh at you", "so leave before I make you", "and you know it is true", "you ugly piece of trash",
         "nobody would miss you", "this is your last warning"),
    ),
    "2": (
        ("congratulations, you were drawn as a winner,", "the staff is checking all accounts,", "last chance,",
         "I doubled my savings in a day,", "gift cards for the first forty members,", "your wallet was locked,"),
        ("enter your password at safe-check.example", "send 50 first and get 500 back", "type in your card number",
         "log in with your email at prize-desk.example", "transfer the fee to my wallet",
         "tell me the code you receive"),
        ("before midnight", "and the money is yours", "or your account is deleted", "it is free and fully legal",
         "only ten places left", "and do not tell anybody"),
    ),
    "3": (
        ("big sale in my shop this week,", "I opened a new channel,", "need a website or a logo?", "my course is out,",
         "everything half price at my store,", "become a member of my page,"),
        ("order now at corner-deals.example", "subscribe and share it with your friends", "book me from 20 an hour",
         "use the code FRIENDS at bright-stall.example", "like and follow for daily offers", "buy two and pay for one"),
        ("delivery is free today", "link in my profile", "you will not regret it", "message me for prices",
         "the offer ends on Sunday", "best quality around"),
    ),
}  # fmt: skip


def policies(count: int = 4) -> list[Policy]:
    """The policies of so many servers: four communities, then others like them, no rule of two worded alike."""
    made = []
    for number in range(count):
        name, about, own = _COMMUNITIES[number % len(_COMMUNITIES)]
        if number >= len(_COMMUNITIES):
            name = f"{name} {number // len(_COMMUNITIES) + 1}"
        made.append(parse_policy(_POLICY.format(name=name, about=about, own=own)))
    return made


def messages(count: int, seed: int, servers: int = 4) -> list[Message]:
    """So many different messages, servers in turn, one of each 20 at a place of chance breaking a rule.

    The same seed gives the same messages, whatever the count: a shorter list is the beginning of a longer one.
    ValueError where there are not as many.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    ordinary = _shuffled([_OPENERS, _SUBJECTS, _HAPPENINGS, _ENDINGS], chance)
    breaking = [(rule, text) for rule, parts in _BREAKING.items() for text in _shuffled(parts, chance)]
    chance.shuffle(breaking)
    if count > MOST_MESSAGES:
        raise ValueError(f"there are {MOST_MESSAGES} messages")
    made: list[Message] = []
    while len(made) < count:
        place = len(made) + chance.randrange(_BLOCK)
        for number in range(len(made), len(made) + _BLOCK):
            rule, text = breaking.pop() if number == place else (None, ordinary.pop())
            made.append(Message(number % servers, text, rule))
    return made[:count]


def _shuffled(parts: Sequence[Sequence[str]], chance: random.Random) -> list[str]:
    """Every way to take one of each part, joined by spaces, in an order of chance."""
    texts = [""]
    for part in parts:
        texts = [f"{text} {word}".strip() for text in texts for word in part]
    chance.shuffle(texts)
    return texts


MOST_MESSAGES = _BLOCK * sum(len(first) * len(second) * len(third) for first, second, third in _BREAKING.values())
"""Messages there are: each block takes one that breaks a rule, and these run out first."""
