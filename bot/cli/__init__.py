"""The command line: one module per command group, and here what holds them together."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from io import TextIOWrapper
from typing import Annotated

import typer

from bot.cli import bench, case, check, db, doctor, evaluate, guild, model, policy, sandbox
from bot.cli.common import CliError, say
from bot.domain.policy import PolicyError
from bot.judge.models import ModelError
from bot.report.files import ReportError
from bot.settings import SettingsError
from bot.store import StoreError
from bot.store.trouble import trouble_in

UNUSABLE_INPUT = 2
# As shells count: 128 and the signal's number.
INTERRUPTED = 130
PIPE_BROKEN = 141

_USERS_MISTAKES = (CliError, SettingsError, StoreError, ModelError, PolicyError, ReportError)
# Typer shows BadParameter only; what every wrong use of the command line is a kind of stands above it.
_UsageError: type[Exception] = typer.BadParameter.mro()[1]

app = typer.Typer(
    name="lawspeaker",
    help="Moderate a Discord server by its own rules, with a model on this machine.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"max_content_width": 120},
    pretty_exceptions_enable=False,
)


@app.command("run")
def _run() -> None:
    """Run the bot on Discord until SIGTERM or Ctrl-C.

    The token comes from LAWSPEAKER_DISCORD_TOKEN. Pending migrations of a SQLite database are applied first, after a
    backup. When all is ready, /readyz says so.
    """
    from bot.cli.running import (
        run_bot,  # discord.py takes a second to import, which the other commands need not wait for
    )

    run_bot()


app.command("sandbox")(sandbox.sandbox)
app.command("check")(check.check)
app.command("eval")(evaluate.evaluate)
app.command("bench")(bench.bench)
app.add_typer(guild.app, name="guild")
app.add_typer(case.app, name="case")
app.add_typer(policy.app, name="policy")
app.add_typer(model.app, name="model")
app.add_typer(db.app, name="db")
app.command("doctor")(doctor.doctor)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"lawspeaker {version('lawspeaker')}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end."),
    ] = False,
) -> None:
    """Moderate a Discord server by its own rules, with a model on this machine."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status: 0 done, 1 the answer is no, 2 unusable input."""
    try:
        command = typer.main.get_command(app)
        with command.make_context("lawspeaker", list(arguments)) as context:
            command.invoke(context)
        sys.stdout.flush()
    except typer.Exit as end:
        return end.exit_code
    except _UsageError as error:
        _say_usage(error)
        return UNUSABLE_INPUT
    except _USERS_MISTAKES as error:
        say(f"lawspeaker: {error}")
        return UNUSABLE_INPUT
    except BrokenPipeError:
        _close_stdout()
        return PIPE_BROKEN
    except OSError as error:
        what = f"{error.filename}: " if error.filename else ""
        say(f"lawspeaker: {what}{error.strerror or error}.")
        return UNUSABLE_INPUT
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except Exception as error:
        trouble = trouble_in(error)
        if trouble is None:
            raise
        say(f"lawspeaker: {trouble.sentence()}")
        return UNUSABLE_INPUT
    return 0


def _say_usage(error: Exception) -> None:
    """One line on what is wrong with the command line; the help, where it names no command."""
    message = str(error.format_message()) if hasattr(error, "format_message") else str(error)
    if "\n" in message:
        print(message, file=sys.stderr)
        return
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "lawspeaker"
    say(f"lawspeaker: {message.rstrip('.?')}. See `{path} --help`.")


def _close_stdout() -> None:
    """The reader has gone: throw away what is left to write, so that nothing complains at the end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main() -> None:
    """The console script."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that lacks a character is no reason to fail
    sys.exit(run(sys.argv[1:]))
