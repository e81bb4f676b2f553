"""What a message says in base64, in rot13, backwards or upside down. Pure; linear in the text's length.

Nothing is decoded on suspicion: what comes out must read as English by its commonest words, and what stood there must
not. So ids, keys, hashes and other languages are let be.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
import unicodedata

from bot.domain.confusables import TURNED, TURNED_LETTERS

MOST_DECODED = 8
"""So many encoded passages of one message are decoded; the rest stays as it is."""

# Words by which English is told, and those that leet is undone towards: commonest words, and words of chat and abuse.
WORDS = frozenset(
    """
    the be to of and in that have it for not on with he as you do at this but his by from they we say her she or an
    will my one all would there their what so up out if about who get which go me when make can like time no just him
    know take people into year your good some could them see other than then now look only come its over think also back
    after use two how our work first well way even new want because any these give day most us is are was were been has
    had did does im dont cant wont every everyone anyone someone nobody nothing here very really much more never always
    free nitro gift steam account accounts password login log click link claim win winner won prize giveaway scam crypto
    bitcoin wallet money cash send pay paid dollars buy sell selling cheap sale discount code shop store server join
    invite follow subscribe channel stream promo double investment profit guaranteed verify address phone number street
    lives live house home school name real kill killing die dead death hurt hate hated hates idiot idiots stupid trash
    worthless loser losers ugly dumb disgusting vermin scum animals filth kys yourself myself suicide end tonight life
    cheat cheats hack hacks hacker aimbot wallhack undetected exploit boost boosting ranked dm dms message messages ask
    shut leave belong country kind women men gay people them those should go back tired anymore goodbye pills cut
    """.split()
)
_TOKEN = re.compile(r"(?<![\w+/=.:@-])[A-Za-z0-9+/_-]{16,}={0,2}(?![\w+/=])")
_WORD = re.compile(r"[^\W\d_]+(?:['’][a-z]+)?")
_PART = re.compile(r"[^.!?:;\"“”()\n]+")
_LEAST_HITS = 3
_LEAST_SHARE = 0.4


def decoded(text: str) -> list[str]:
    """What encoded passages of a text say, in their order, at most MOST_DECODED; empty for nearly every text.

    Together never longer than the text itself.
    """
    found = []

    def read(token: re.Match[str]) -> str:
        said = _from_base64(token.group(0))
        if said:
            found.append(said)
        return " " if said else token.group(0)

    # What was read already is not read once more in another way.
    for line in _TOKEN.sub(read, text).splitlines():
        backwards = line[::-1]
        if _reads_better(backwards, line):
            found.append(backwards.strip())
        elif upright := _upright(line):
            found.append(upright)
        else:
            found += _from_rot13(line)
    return found[:MOST_DECODED]


def override_undone(text: str) -> str:
    """A text as it is shown where right-to-left overrides (U+202E) turn parts of its lines round."""
    return re.sub("\u202e([^\u202c\u202e\n]*)\u202c?", lambda match: match.group(1)[::-1], text)


def _from_base64(token: str) -> str | None:
    """The English sentence that a token encodes; None where it encodes none."""
    body = token.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        said = base64.b64decode(body + "=" * (-len(body) % 4), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    if any(unicodedata.category(char) in {"Cc", "Cn", "Co"} and char not in "\n\t\r" for char in said):
        return None
    words, hits = _words_and_hits(said)
    return " ".join(said.split()) if hits >= 2 and hits >= _LEAST_SHARE * words / 2 else None


def _from_rot13(line: str) -> list[str]:
    parts = (match.group(0) for match in _PART.finditer(line))
    return [said.strip() for part in parts if _reads_better(said := codecs.encode(part, "rot13"), part)]


def _upright(line: str) -> str | None:
    """A line of turned letters, read upside down."""
    if len(TURNED_LETTERS & set(line)) < 4:
        return None
    said = line.translate(TURNED)[::-1].strip()
    words, hits = _words_and_hits(said)
    return said if hits >= 2 and hits >= _LEAST_SHARE * words else None


def _reads_better(said: str, written: str) -> bool:
    """Whether one text is English by its commonest words, where the other is not."""
    words, hits = _words_and_hits(said)
    return hits >= _LEAST_HITS and hits >= _LEAST_SHARE * words and hits > 2 * _words_and_hits(written)[1]


def _words_and_hits(text: str) -> tuple[int, int]:
    """How many words of two letters or more a text has, and how many of them are known."""
    words = [word.casefold() for word in _WORD.findall(text) if len(word) > 1]
    return len(words), sum(word in WORDS for word in words)
