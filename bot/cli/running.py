"""`lawspeaker run`: the bot on Discord, until it is told to stop."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import signal
import threading
from contextlib import suppress

import structlog

from bot.app import App, StartError
from bot.cli.common import CliError, usable_model
from bot.logs import configure_logs
from bot.settings import Settings, load_settings, secrets_in, settings_file
from bot.store.files import others_may_read

log = structlog.get_logger(__name__)

# As glibc's malloc.h numbers it.
_M_ARENA_MAX = -8
_MOST_ARENAS = 2
TRIM_SECONDS = 60.0
STOP_SECONDS = 14.0
"""How long stopping may take before the process simply ends: whatever is not settled is in the journal."""


def run_bot() -> None:
    """Run until SIGTERM or Ctrl-C; SettingsError, ModelError, StoreError, CliError where the bot cannot run."""
    _share_few_arenas()
    settings = load_settings()
    configure_logs(settings)
    if others_may_read(settings_file()) and secrets_in(settings_file()):
        log.warning("settings_file_is_open_to_others", file=str(settings_file()), advice="chmod 600")
    try:
        asyncio.run(_serve(settings))
    except StartError as error:
        raise CliError(str(error)) from error


async def _serve(settings: Settings) -> None:
    """Run the bot until a signal comes or its connection ends for good; StartError, StoreError, ModelError."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _begin_to_stop, told)
    serving = asyncio.create_task(_run_app(settings))
    stopping = asyncio.create_task(told.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not serving.done():
        log.info("stopping")
        serving.cancel()
        await asyncio.wait({serving})
    stopping.cancel()
    if not serving.cancelled():
        await serving


async def _run_app(settings: Settings) -> None:
    """Start the bot and wait; stop it however this ends."""
    model = await asyncio.to_thread(usable_model, settings)
    app = App(settings, model)
    giving_back = asyncio.create_task(_give_back_memory(), name="give-back-memory")
    try:
        await app.start()
        _keep_what_is_there()
        await app.wait_stopped()
    finally:
        giving_back.cancel()
        await app.stop()


def _share_few_arenas() -> None:
    """Let the threads share what glibc keeps for the next allocation; other C libraries know no such thing.

    Each thread that talks to the database would get an arena of its own, and all of them grow for hours.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _MOST_ARENAS)


async def _give_back_memory() -> None:
    """Give back to the system, once a minute, what glibc keeps after a burst: it would only do so at its heap's end."""
    with suppress(AttributeError, OSError):
        trim = ctypes.CDLL(None).malloc_trim
        while True:
            await asyncio.sleep(TRIM_SECONDS)
            await asyncio.to_thread(trim, 0)


def _keep_what_is_there() -> None:
    """Let the garbage collector pass over the program itself, and what it keeps as long as it runs.

    To look through that takes a tenth of a second each time, in which nothing else is done.
    """
    gc.collect()
    gc.freeze()


def _begin_to_stop(told: asyncio.Event) -> None:
    if not told.is_set():
        told.set()
        last_resort = threading.Timer(STOP_SECONDS, os._exit, (0,))
        last_resort.daemon = True
        last_resort.start()
