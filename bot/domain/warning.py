"""The direct message that a warned member gets: a template in the server's words, and what is put into it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.domain.setting_values import SettingError
from bot.language import LANGUAGES, catalogue, mark, tr

MOST_CHARACTERS = 2_000
"""What Discord takes in one message."""
LONGEST = {"server": 100, "rule": 20, "rule_text": 800, "case": 10, "what": 25}
"""The placeholders, and the most characters that each is filled with."""
DEFAULT_TEMPLATE = mark(
    "Your message on **{server}** {what} because it breaks rule {rule}:\n"
    "> {rule_text}\n"
    "If you think this is wrong, press **Appeal**, or write to the moderators and name case {case}."
)
"""What a member is told where the server wrote nothing of its own, in the language spoken: see `default_template`."""
_PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
_MOST_NAMED = 5


def default_template() -> str:
    """The default template in the language spoken."""
    return tr(DEFAULT_TEMPLATE)


def read_template(text: str) -> str | None:
    """A template as it was typed; None for nothing and for the default in whatever language the bot speaks.

    SettingError where it cannot be used.
    """
    given = text.replace("\r\n", "\n").strip()
    if not given or given in {catalogue(one).gettext(DEFAULT_TEMPLATE) for one in LANGUAGES}:
        return None
    named = list(dict.fromkeys(match[1].strip() for match in _PLACEHOLDER.finditer(given)))
    if unknown := [name for name in named if name not in LONGEST]:
        shown = ", ".join("{" + name[:30] + "}" for name in unknown[:_MOST_NAMED])
        known = ", ".join("{" + name + "}" for name in LONGEST)
        raise SettingError(
            tr("The message names {unknown}, which nothing can be put into: use {known}.", unknown=shown, known=known)
        )
    longest = len(fill(given, {name: "x" * most for name, most in LONGEST.items()}))
    if longest > MOST_CHARACTERS:
        raise SettingError(
            tr(
                "With the longest values the message would have {number:,} characters and Discord takes {most:,}: "
                "shorten it by {over:,}.",
                number=longest,
                most=MOST_CHARACTERS,
                over=longest - MOST_CHARACTERS,
            )
        )
    return given


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with the values in place of the placeholders; what stands in a value is no placeholder."""
    return _PLACEHOLDER.sub(lambda match: values.get(match[1].strip(), match[0]), template)
