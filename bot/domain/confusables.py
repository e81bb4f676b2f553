"""Letters that look like Latin ones, as tables for `str.translate`. A choice of what is used to write past a filter.

Which letters look alike is told by Unicode's confusables.txt (UTS 39); small capitals and turned letters are those of
Unicode's phonetic blocks. What NFKC already undoes (full width, mathematical, circled, raised) is not repeated here.
"""

from __future__ import annotations

_CYRILLIC = ("аеорсухіјѕԁһӏԛԝвмнткзгАВЕКМНОРСТУХІЈЅ", "aeopcyxijsdhlqwbmhtk3rABEKMHOPCTYXIJS")
_MORE_CYRILLIC = ("ѵѡҽԍԌҮү", "vweGGYy")
_GREEK = ("αβεικνορτυχηΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abeikvoptuxnABEZHIKMNOPTYX")
_ARMENIAN = ("օսհոցզյՕՍԼ", "ouhngqjOUL")
_CHEROKEE = ("ᎪᏴᏟᎠᎬᎶᎻᎫᏦᏞᎷᏢᏒᏚᎢᏙᏔᎩᏃᎥᏂᏇ", "ABCDEGHJKLMPRSTVWYZihw")
_PHONETIC = ("ɑɡ", "ag")

LOOK_ALIKE = str.maketrans(
    "".join(table[0] for table in (_CYRILLIC, _MORE_CYRILLIC, _GREEK, _ARMENIAN, _CHEROKEE, _PHONETIC)),
    "".join(table[1] for table in (_CYRILLIC, _MORE_CYRILLIC, _GREEK, _ARMENIAN, _CHEROKEE, _PHONETIC)),
)

# These look less alike, or are letters of Latin alphabets: they stand for others only in a word that has both letters
# of the table above and plain Latin ones.
IN_MIXED_WORDS = str.maketrans("пишьяёσωλπδҝıłøđ", "nuwbreowandkilod")

SMALL_CAPITALS = str.maketrans("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz")

# Letters on a coloured ground, which NFKC leaves: negative circled and negative squared ones.
ON_A_GROUND = {start + n: chr(97 + n) for start in (0x1F150, 0x1F170) for n in range(26)}

REGIONAL_A = 0x1F1E6
REGIONAL_INDICATORS = {REGIONAL_A + n: chr(97 + n) for n in range(26)}

_TURNED_ONLY = "ɐɔǝɟƃɥᴉıɾʞʅɯɹʇʌʍʎ"
TURNED = str.maketrans(_TURNED_ONLY + "bdnpqu", "acefghiijklmrtvwy" + "qpudbn")
TURNED_LETTERS = frozenset(_TURNED_ONLY)

# Digits and signs that stand for letters, as they are mostly meant.
LEET = str.maketrans("013457@$", "oieastas")
# With those that are ambiguous: good only where a known word comes out.
LEET_FOR_KNOWN = str.maketrans("013456789@$!|€£", "oieasgtbgasilel")


def is_other_script(char: str) -> bool:
    """Whether a letter is of a script with look-alikes and itself looks like no Latin one."""
    return (
        char.isalpha()
        and ord(char) not in LOOK_ALIKE
        and ("\u0370" <= char <= "\u058f" or "\u13a0" <= char <= "\u13ff" or "\uab70" <= char <= "\uabbf")
    )
