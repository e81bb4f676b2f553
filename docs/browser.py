"""Where Chromium is and how it is started, and having it draw a page as a PNG, sharp and small."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

WIDTH = 720
SCALE = 2
"""Pixels drawn for each of the page's, so that letters are sharp."""
SECONDS = 90.0
COLOURS, RARE = 256, 64
"""How many colours a picture is kept with, and how many of them are chosen for what is rare."""
ARGUMENTS = (
    "--no-sandbox",  # a container's root has no other way to run it
    "--disable-gpu",
    "--disable-dev-shm-usage",  # a container's /dev/shm is too small for it
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Names of other machines lead nowhere, whatever a page or the browser itself asks for.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
"""What Playwright starts it with, besides its own."""
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


class DrawingError(Exception):
    """A page could not be drawn; the message is one sentence that says what to do."""


def browser() -> str:
    """The path of a Chromium; DrawingError where there is none."""
    found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise DrawingError(
            "No Chromium was found on the path: install it (Debian: apt-get install chromium) and run this again."
        )
    return found


def draw(program: str, html: str, target: Path) -> None:
    """Draw a page as high as it is; `target` is written only when all went well. DrawingError."""
    with tempfile.TemporaryDirectory(prefix="lawspeaker-", ignore_cleanup_errors=True) as folder:
        source, drawn = Path(folder, "page.html"), Path(folder, "page.png")
        measure = "<script>document.body.dataset.height = document.documentElement.offsetHeight</script>"
        source.write_text(html.replace("</body>", f"{measure}</body>"), "utf-8")
        seen = _browse(program, folder, "--dump-dom", f"--window-size={WIDTH},400", source.as_uri())
        height = re.search(r'data-height="(\d+)"', seen)
        if height is None:
            raise DrawingError(f"{program} did not draw the page: run this again, or try another Chromium.")
        options = [f"--force-device-scale-factor={SCALE}", "--hide-scrollbars", f"--window-size={WIDTH},{height[1]}"]
        _browse(program, folder, f"--screenshot={drawn}", *options, source.as_uri())
        shrink(drawn, target)


def shrink(drawn: Path, target: Path) -> None:
    """Keep a picture with a palette of its own colours: a page has few, and its letters stay as sharp.

    What covers most of it keeps its colour exactly; the palette covers rare colours too, as those in a legend.
    """
    with Image.open(drawn) as opened:
        picture = opened.convert("RGB")
    pixels = np.asarray(picture).reshape(-1, 3)
    colours, place, count = np.unique(pixels, axis=0, return_inverse=True, return_counts=True)
    common = colours[np.argsort(-count, kind="stable")[: COLOURS - RARE]]
    rare = np.array(picture.quantize(RARE, Image.Quantize.MAXCOVERAGE).getpalette()).reshape(-1, 3)[:RARE]
    palette = np.concatenate([common, rare]).astype(np.int64)
    # By hand, for Pillow looks for the nearest colour among rounded ones, and large plain grounds become another.
    nearest = [int(((palette - colour) ** 2).sum(axis=1).argmin()) for colour in colours.astype(np.int64)]
    few = Image.fromarray(np.array(nearest, np.uint8)[place.reshape(-1)].reshape(picture.height, picture.width), "P")
    few.putpalette(palette.astype(np.uint8).tobytes())
    few.save(target, "PNG", optimize=True)


def _browse(program: str, folder: str, *arguments: str) -> str:
    """Run the browser without a window; what it writes on stdout."""
    # A container's root has no other way to run it; the page is our own and everything in it is escaped.
    command = [program, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise DrawingError(f"{program} did not end within {SECONDS:.0f} seconds: run this again.") from None
    if done.returncode != 0:
        raise DrawingError(f"{program} failed with status {done.returncode}: {done.stderr.strip()[-300:]}")
    return done.stdout
