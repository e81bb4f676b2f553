"""Discord's ids on the command line."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.common import CliError

_MOST = 2**63 - 1  # what the database's integers hold; Discord's own ids stay below it


def snowflake(value: str) -> int:
    """Read an id; CliError where it is none."""
    if value.isascii() and value.isdigit() and len(value) <= 19 and 0 < int(value) <= _MOST:
        return int(value)
    raise CliError(
        f"{value[:40]!r} is no Discord id: switch on Developer Mode in Discord and take it from the menu's Copy ID."
    )


GuildId = Annotated[int, typer.Argument(metavar="GUILD_ID", parser=snowflake, help="The server's id.")]
