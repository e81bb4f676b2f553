"""`lawspeaker doctor`: what is set up, what is missing, and what to do about it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from shlex import quote

import typer

from bot.cli.common import AsJson, CliError, print_json, usable_model
from bot.cli.console import look_at_console
from bot.cli.content_key import look_at_content_key
from bot.cli.finding import Finding
from bot.cli.remote import look_at_remote
from bot.cli.speed import look_at_models, look_at_speed
from bot.judge.models import ModelError, ModelFile, human_size
from bot.logs import configure_logs
from bot.settings import Settings, SettingsError, load_settings, secrets_in, settings_file
from bot.store import StoreError, schema
from bot.store.engine import sqlite_file
from bot.store.files import others_may_read
from bot.web.probe import bot_answers, port_is_free

_IMPORT_SECONDS = 120
# What a model needs beyond its file where the catalogue does not say: caches and buffers.
_MEMORY_FACTOR = 1.4
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


def doctor(as_json: AsJson = False) -> None:
    """Say what is set up, what is missing, and what to do about it. The exit status is 1 where something is missing."""
    findings: list[Finding] = []
    for finding in _look():
        findings.append(finding)
        if not as_json:
            print(f"{'ok     ' if finding.ok else 'MISSING'}  {finding.name:<14} {finding.found}", flush=True)
            if finding.advice:
                print(f"{'':<24} {finding.advice}", flush=True)
    ok = all(finding.ok for finding in findings)
    if as_json:
        print_json({"ok": ok, "checks": [asdict(finding) for finding in findings]})
    raise typer.Exit(0 if ok else 1)


def _look() -> Iterator[Finding]:
    """Look at one thing after the other; without settings nothing else can be known."""
    try:
        settings = load_settings()
    except SettingsError as error:
        yield Finding("settings", False, _settings_place(), str(error))
        return
    configure_logs(settings, "error")
    yield _settings(settings_file())
    yield _token(settings)
    engine = _engine()
    yield engine
    try:
        model = usable_model(settings)
    except (ModelError, CliError) as error:
        yield Finding("model", False, settings.model, str(error))
    else:
        if model is not None:
            yield Finding("model", True, f"{model.name}: {model.path}, SHA-256 {model.digest[:12]}…")
            free = free_memory()
            memory = _memory(model, free)
            yield memory
            yield look_at_models(free)
            if engine.ok and memory.ok:
                yield look_at_speed(settings, model)
    if settings.remote_url is not None:
        yield look_at_remote(settings)
    yield _database(settings)
    yield look_at_content_key(settings)
    yield _web(settings)
    yield look_at_console(settings)


def _settings_place() -> str:
    """Where the settings file is to be; empty where that cannot be told."""
    try:
        return str(settings_file())
    except SettingsError:
        return ""


def _settings(file: Path) -> Finding:
    if not file.is_file():
        return Finding("settings", True, f"the environment and defaults (there is no {file})")
    if others_may_read(file) and (secrets := secrets_in(file)):
        advice = f"Others on this machine may read {' and '.join(secrets)} in it: run `chmod 600 {quote(str(file))}`."
        return Finding("settings", False, str(file), advice)
    return Finding("settings", True, str(file))


def _token(settings: Settings) -> Finding:
    token = settings.discord_token.get_secret_value().strip() if settings.discord_token else ""
    if not token:
        advice = "Put the bot's token, from the application's Bot page on Discord, into LAWSPEAKER_DISCORD_TOKEN."
        return Finding("token", False, "not set", advice)
    if settings.discord_api_base is None and token.count(".") != 2:
        advice = "A bot's token has three parts with dots between: copy it anew from the application's Bot page."
        return Finding("token", False, "set, but no bot's token", advice)
    return Finding("token", True, "set")


def _engine() -> Finding:
    """Import llama.cpp in a process of its own: it is native code, and may fail in ways no exception shows."""
    python = f"Python {sys.version.split()[0]}"
    command = [sys.executable, "-c", "import llama_cpp; print(llama_cpp.__version__)"]
    advice = "Install llama-cpp-python anew on this machine: `pip install --force-reinstall llama-cpp-python`."
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_IMPORT_SECONDS, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return Finding("llama.cpp", False, f"{python}; llama-cpp-python does not load", advice)
    if done.returncode != 0:
        why = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
        return Finding("llama.cpp", False, f"{python}; llama-cpp-python does not load ({why[:120]})", advice)
    return Finding("llama.cpp", True, f"{python}, llama-cpp-python {done.stdout.strip()}")


def _memory(model: ModelFile, free: int | None) -> Finding:
    needed = model.spec.memory_bytes if model.spec else int(model.path.stat().st_size * _MEMORY_FACTOR)
    if free is None:
        return Finding("memory", True, f"the model needs {human_size(needed)}; what is free is not known here")
    found = f"the model needs {human_size(needed)}, {human_size(free)} are free"
    if free >= needed:
        return Finding("memory", True, found)
    return Finding("memory", False, found, "End other programs, or set LAWSPEAKER_MODEL to a smaller model.")


def free_memory() -> int | None:
    """Bytes a new process may take without swapping, container limits counted; None where this cannot be known."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError, StopIteration):
        return None
    try:
        limit = int(_CGROUP_LIMIT.read_text("ascii"))
    except (OSError, ValueError):  # no limit, which is written as a word
        return free
    return min(free, limit)


def _database(settings: Settings) -> Finding:
    try:
        file = sqlite_file(settings.database)
    except StoreError as error:
        return Finding("database", False, "cannot be used", str(error))
    shown = str(file) if file is not None else "the server in LAWSPEAKER_DATABASE_URL"
    if file is not None and not file.exists():
        folder = next(parent for parent in file.absolute().parents if parent.exists())
        if not os.access(folder, os.W_OK):
            return Finding("database", False, shown, f"{folder} cannot be written: set LAWSPEAKER_DATA_DIR.")
        return Finding("database", True, f"{shown} (made at the first start)")
    trouble = asyncio.run(schema.trouble(settings.database))
    if file is not None and others_may_read(file):
        trouble.append(f"Others on this machine may read what members wrote: run `chmod 600 {quote(str(file))}`.")
    return Finding("database", not trouble, shown, " ".join(trouble))


def _web(settings: Settings) -> Finding:
    where = f"http://{settings.web_host}:{settings.web_port}"
    try:
        if settings.web_port == 0 or port_is_free(settings.web_host, settings.web_port):
            return Finding("web port", True, f"{where} is free")
    except OSError:
        advice = "Set LAWSPEAKER_WEB_HOST to an address of this machine, as 127.0.0.1."
        return Finding("web port", False, f"{where} is not of this machine", advice)
    if bot_answers(settings.web_host, settings.web_port):
        return Finding("web port", True, f"{where} (the bot is running)")
    return Finding("web port", False, f"{where} is taken by another program", "Set LAWSPEAKER_WEB_PORT to a free one.")
