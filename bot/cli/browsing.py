"""Opens a page in the browser of whoever sits at the machine."""

from __future__ import annotations

import os
import sys
import webbrowser

_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")


def open_page(url: str) -> bool:
    """Open a page where there is a screen; whether that was tried with success.

    Without one a browser that runs in the terminal would be found, and would take it over.
    """
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in _SCREENS):
        return False
    try:
        return webbrowser.open(url)
    except (webbrowser.Error, OSError):
        return False
