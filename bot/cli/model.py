"""`lawspeaker model`: which models there are, fetching them, and checking their files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from bot.cli.common import AsJson, print_json, say
from bot.judge.models import (
    ModelError,
    ModelFile,
    ModelSpec,
    UnknownModelError,
    find_target,
    human_size,
    load_catalogue,
    present_models,
    pull_model,
    resolve_model,
    verify_model,
)
from bot.settings import load_settings

app = typer.Typer(help="List, fetch and check models.", no_args_is_help=True)

Name = Annotated[
    str, typer.Argument(help="A name from the catalogue, hf:OWNER/REPO/FILE, or the path of a .gguf file.")
]


@app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """List the models that are known by name, and those that were pulled by reference."""
    model_dir = load_settings().model_dir
    catalogue = load_catalogue()
    try:
        names = [*catalogue, *(name for name in present_models(model_dir) if name not in catalogue)]
    except ModelError as error:
        _end(error, 1)
    rows = [_describe(name, model_dir) for name in names]
    if as_json:
        print_json({"model_dir": str(model_dir), "models": rows})
        return
    lines = [("NAME", "STATE", "SIZE", "MEMORY", "LICENCE", "MODEL")]
    for row in rows:
        size = "–" if row["size"] is None else human_size(row["size"])
        memory = "–" if row["memory_mb"] is None else human_size(row["memory_mb"] * 1_000_000)
        lines.append((row["name"], row["state"], size, memory, row["licence"] or "–", row["title"] or "–"))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


@app.command()
def pull(name: Name = "default", as_json: AsJson = False) -> None:
    """Fetch a model and check it; go on where an earlier pull broke off, leave what is there alone."""
    model_dir = load_settings().model_dir
    try:
        with _progress(name) as tell:
            found = pull_model(name, model_dir, tell)
    except ModelError as error:
        _fail(error, name, model_dir, as_json)
    except KeyboardInterrupt:
        print(f"Stopped; `lawspeaker model pull {name}` goes on from here.", file=sys.stderr)
        raise typer.Exit(130) from None
    if as_json:
        print_json({"ok": True, "fetched": found.fetched, **_facts(found)})
    elif found.fetched:
        print(f"{found.name} is at {found.path}, SHA-256 {found.digest}.")
    else:
        print(f"{found.name} is already at {found.path} and verified; nothing was fetched.")


@app.command()
def verify(
    names: Annotated[list[str] | None, typer.Argument(help="Which models; all that are there unless given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Read each model's whole file again and compare its SHA-256."""
    model_dir = load_settings().model_dir
    results: list[dict[str, Any]] = []
    try:
        for name in names or present_models(model_dir):
            find_target(name, model_dir)  # a name that means nothing is refused before anything is read
        for name in names or present_models(model_dir):
            results.append(_verified(name, model_dir))
    except UnknownModelError as error:
        _end(error, 2)
    except ModelError as error:
        _end(error, 1)
    ok = bool(results) and all(result["ok"] for result in results)
    if as_json:
        print_json({"ok": ok, "model_dir": str(model_dir), "models": results})
    for result in results:
        if not result["ok"]:
            print(result["error"], file=sys.stderr)
        elif not as_json:
            print(f"{result['name']} is right: {result['path']}, SHA-256 {result['sha256']}.")
    if not results:
        print(f"There is no model in {model_dir}; run `lawspeaker model pull default`.", file=sys.stderr)
    raise typer.Exit(0 if ok else 1)


@app.command()
def info(name: Name = "default", as_json: AsJson = False) -> None:
    """Say what is known about a model and, where its file is there, what the file says about itself."""
    model_dir = load_settings().model_dir
    try:
        target = find_target(name, model_dir)
        if target.source is None:
            resolve_model(name, model_dir)
    except ModelError as error:
        _end(error, 2)
    facts = _describe(name, model_dir)
    if as_json:
        print_json(facts)
    else:
        for key, value in facts.items():
            if value is not None:
                print(f"{key.replace('_', ' '):<16}{value}")
    if facts["state"] == "wrong":
        raise typer.Exit(1)


def _verified(name: str, model_dir: Path) -> dict[str, Any]:
    try:
        with _progress(name) as tell:
            found = verify_model(name, model_dir, tell)
    except ModelError as error:
        path = find_target(name, model_dir).path
        return {"name": name, "ok": False, "path": str(path), "sha256": None, "error": str(error)}
    return {"name": found.name, "ok": True, "path": str(found.path), "sha256": found.digest, "error": None}


def _describe(name: str, model_dir: Path) -> dict[str, Any]:
    """What is known about a model, with its state: ready, missing, unfinished or wrong."""
    target = find_target(name, model_dir)
    try:
        return {**_facts(resolve_model(name, model_dir)), "state": "ready", "error": None}
    except ModelError as error:
        partial = target.path.with_name(target.path.name + ".partial").exists()
        state = "wrong" if target.path.exists() else "unfinished" if partial else "missing"
        return {
            **_spec_facts(target.spec),
            "name": target.name,
            "path": str(target.path),
            "source": str(target.source) if target.source else None,
            "state": state,
            "error": str(error),
        }


def _spec_facts(spec: ModelSpec | None) -> dict[str, Any]:
    return {
        "name": spec.name if spec else None,
        "title": spec.title if spec else None,
        "path": None,
        "source": str(spec.source) if spec else None,
        "size": (spec.size or spec.about_size) if spec else None,
        "sha256": spec.sha256 if spec else None,
        "licence": spec.licence if spec else None,
        "memory_mb": spec.memory_mb if spec else None,
        "style": spec.style if spec else None,
    }


def _facts(found: ModelFile) -> dict[str, Any]:
    about = found.info
    return {
        **_spec_facts(found.spec),
        "name": found.name,
        "title": found.spec.title if found.spec else about.model_name or found.path.stem,
        "path": str(found.path),
        "source": str(found.spec.source) if found.spec else found.name,
        "size": found.path.stat().st_size,
        "sha256": found.digest,
        "style": found.style,
        "architecture": about.architecture,
        "model_name": about.model_name,
        "context_length": about.context_length,
        "chat_template": about.has_chat_template,
        "gguf_version": about.version,
        "tensors": about.tensors,
    }


@contextmanager
def _progress(name: str) -> Iterator[Callable[[str, int, int | None], None]]:
    """Show progress on stderr: a bar on a terminal, else a line for each stage."""
    console = Console(stderr=True)
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        *columns,
        console=console,
        disable=not console.is_terminal,
    )
    stages: dict[str, Any] = {}

    def tell(stage: str, done: int, total: int | None) -> None:
        if stage not in stages:
            stages[stage] = bar.add_task(f"{stage} {name}", total=total, completed=done)
            if not console.is_terminal:
                of = f", {human_size(total)}" if total else ""
                there = f", {human_size(done)} of it there" if done and stage == "fetching" else ""
                print(f"{stage} {name}{of}{there}", file=sys.stderr)
        bar.update(stages[stage], completed=done, total=total)

    with bar:
        yield tell


def _fail(error: ModelError, name: str, model_dir: Path, as_json: bool) -> NoReturn:
    unusable = isinstance(error, UnknownModelError) or find_target(name, model_dir).source is None
    if as_json and not unusable:
        print_json({"ok": False, "fetched": False, "name": name, "error": str(error)})
    _end(error, 2 if unusable else 1)


def _end(error: ModelError, status: int) -> NoReturn:
    say(f"lawspeaker: {error}")
    raise typer.Exit(status)
