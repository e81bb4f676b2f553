"""Draw `docs/mod-log.png`, a picture of a real post: `.venv/bin/python -m docs.picture`.

Runs the bot with the default model on lines of the shipped example chat, takes the posts out of the sandbox's mod-log
channel and has Chromium draw them. Takes a minute or two; needs `chromium` on the path, and a font with emoji.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bot.cli.chatfile import read_chat
from bot.judge.models import resolve_model
from bot.logs import configure_logs
from bot.resources import resource_dir
from bot.sandbox import serialise
from bot.settings import load_settings
from bot.trial import LOG_CHANNEL, Trial
from docs.modlog_page import Json, Names, page

HERE = Path(__file__).resolve().parent
PICTURE = HERE / "mod-log.png"
SPEAKERS = ("lantern", "quickgift", "drumlin")
"""Whose lines are posted: an ordinary one and two that break a rule."""
POSTS = 2
WIDTH = 720
SETTLE_SECONDS = 300.0
BROWSER_SECONDS = 90.0
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def main() -> None:
    """Run the bot, draw what it posted."""
    browser = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        sys.exit("No Chromium was found on the path: install it (Debian: apt-get install chromium) and run this again.")
    posts, names = asyncio.run(_posts())
    if not posts:
        sys.exit("The bot posted nothing in the mod log: see what `lawspeaker sandbox --exit` makes of the same lines.")
    draw(browser, page(posts, names, (HERE / "modlog.css").read_text("utf-8"), LOG_CHANNEL), PICTURE)
    print(f"{PICTURE} is drawn anew.")


async def _posts() -> tuple[list[Json], Names]:
    """A few of the mod log's posts in Discord's JSON, of cases acted on where there are, and what ids are called."""
    settings = load_settings()
    configure_logs(settings, "error")
    example = resource_dir("sandbox/example")
    lines = [line for line in read_chat(example / "chat.jsonl") if line.author in SPEAKERS]
    with tempfile.TemporaryDirectory(prefix="lawspeaker-") as folder:
        trial = Trial(
            resolve_model("default", settings.model_dir), (example / "policy.md").read_text("utf-8"), Path(folder)
        )
        try:
            await trial.start()
            for line in lines:
                await trial.say(line.author, line.channel, line.content)
            async with asyncio.timeout(SETTLE_SECONDS):
                settled = [await trial.settled.get() for _ in lines]
            cases = [one.case for one in settled if one.case is not None and one.case.log_message_id is not None]
            cases = sorted(sorted(cases, key=lambda case: not case.actions)[:POSTS], key=lambda case: case.number)
            found = [trial.log_channel.messages.get(case.log_message_id or 0) for case in cases]
            return [serialise.message(message) for message in found if message is not None], _names(trial)
        finally:
            await trial.stop()


def _names(trial: Trial) -> Names:
    guild = trial.guild
    return Names(
        users={number: user.name for number, user in trial.server.world.users.items()},
        roles={number: role.name for number, role in guild.roles.items()},
        channels={number: channel.name for number, channel in guild.channels.items()},
    )


def draw(browser: str, html: str, target: Path) -> None:
    """Have a browser draw a page as high as it is, at twice the size for sharp letters."""
    with tempfile.TemporaryDirectory(prefix="lawspeaker-") as folder:
        source = Path(folder, "page.html")
        measure = "<script>document.body.dataset.height = document.documentElement.offsetHeight</script>"
        source.write_text(html.replace("</body>", f"{measure}</body>"), "utf-8")
        seen = _browse(browser, folder, "--dump-dom", f"--window-size={WIDTH},400", source.as_uri())
        height = re.search(r'data-height="(\d+)"', seen)
        if height is None:
            sys.exit(f"{browser} did not draw the page: run this again, or try another Chromium.")
        size = f"--window-size={WIDTH},{height[1]}"
        options = ["--force-device-scale-factor=2", "--hide-scrollbars", size]
        _browse(browser, folder, f"--screenshot={target}", *options, source.as_uri())


def _browse(browser: str, folder: str, *arguments: str) -> str:
    """Run the browser without a window; what it writes on stdout."""
    # A container's root has no other way to run it; the page is our own and everything in it is escaped.
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=BROWSER_SECONDS, check=False)  # noqa: S603
    if done.returncode != 0:
        sys.exit(f"{browser} failed with status {done.returncode}: {done.stderr.strip()[-300:]}")
    return done.stdout


if __name__ == "__main__":
    main()
