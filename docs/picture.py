"""Draw the pictures of the guide and the README: `.venv/bin/python -m docs.picture`, or only some by their names.

Each is what the real bot shows in the sandbox, judged by the default model, and drawn by Chromium. All together take
some minutes; needed are `chromium` on the path and a font with emoji.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bot.judge.models import ModelError, ModelFile, resolve_model
from bot.logs import configure_logs
from bot.sandbox.answer import MemberError
from bot.settings import load_settings
from bot.trial.trial import Trial
from docs.browser import DrawingError, browser, draw
from docs.console_shots import CONSOLE_SHOTS, draw_console
from docs.nojudge import without_judge
from docs.page import page
from docs.scenes import EXAMPLE, JUDGED, SCENES, UNJUDGED
from docs.shots import SHOTS, draw_shots
from docs.stage import SceneError, Stage

HERE = Path(__file__).resolve().parent
TRIES = 3
"""A busy machine may keep an answer longer than Discord waits for it; each try has a server of its own."""


def main(names: Sequence[str]) -> None:
    """Draw the pictures with these names, or all; exits with status 2 where one is not known, 1 where one fails."""
    known = [*SCENES, *SHOTS, *CONSOLE_SHOTS]
    if unknown := [name for name in names if name not in known]:
        print(f"There is no picture {', '.join(unknown)}: name some of {', '.join(known)}.", file=sys.stderr)
        sys.exit(2)
    settings = load_settings()
    configure_logs(settings, "error")
    chosen = [name for name in SCENES if name in names or not names]
    judged = [name for name in chosen if name in JUDGED]
    shots = [name for name in SHOTS if name in names or not names]
    console = [name for name in CONSOLE_SHOTS if name in names or not names]
    try:
        program = browser()
        model = resolve_model("default", settings.model_dir) if judged or shots or console else None
    except (DrawingError, ModelError) as error:
        sys.exit(str(error))
    failed = asyncio.run(_draw_all(program, model, [name for name in chosen if name in UNJUDGED], judged))
    if shots and model is not None:
        _say("The page is opened in a browser, and the example chat is replayed there.")
        failed += asyncio.run(draw_shots(program, model, shots, HERE))
    if console and model is not None:
        _say("A month of a server passes, and its console is opened in a browser.")
        failed += asyncio.run(draw_console(program, model, console, HERE))
    if failed:
        sys.exit(f"Not drawn, and left as they were: {', '.join(failed)}.")


async def _draw_all(program: str, model: ModelFile | None, unjudged: Sequence[str], judged: Sequence[str]) -> list[str]:
    """Draw pictures, those first that need not wait for the model; the names of those that could not be drawn."""
    failed = []
    if unjudged:
        with without_judge():
            failed += await _draw(program, None, unjudged)
    if judged:
        _say("The model is loaded and reads the policy.")
        failed += await _draw(program, model, judged)
    return failed


async def _draw(program: str, model: ModelFile | None, names: Sequence[str]) -> list[str]:
    """Draw pictures on one stage, one after the other, and say how it goes; the names of those that failed."""
    failed = []
    async with running_stage(model) as stage:
        for name in names:
            for _ in range(TRIES):
                if await _drawn(program, stage, name):
                    break
            else:
                failed.append(name)
    return failed


async def _drawn(program: str, stage: Stage, name: str) -> bool:
    """Play a scene and draw it; whether that went well."""
    began, target = time.monotonic(), HERE / f"{name}.png"
    try:
        html = page(await SCENES[name](stage), (HERE / "discord.css").read_text("utf-8"))
        await asyncio.to_thread(draw, program, html, target)
    except (SceneError, DrawingError, MemberError, LookupError, TimeoutError) as error:
        _say(f"{name} failed: {str(error) or type(error).__name__}")
        return False
    _say(f"{target.name}: {target.stat().st_size / 1_000:.0f} kB, after {time.monotonic() - began:.0f} s")
    return True


@asynccontextmanager
async def running_stage(model: ModelFile | None) -> AsyncIterator[Stage]:
    """The bot on a sandbox of its own, which is gone afterwards."""
    policy = (EXAMPLE / "policy.md").read_text("utf-8")
    with tempfile.TemporaryDirectory(prefix="lawspeaker-") as folder:
        trial = Trial(model, policy, Path(folder))
        try:
            await trial.start()
            yield Stage(trial, policy)
        finally:
            await trial.stop()


def _say(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
