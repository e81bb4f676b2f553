"""A page is opened where there is a screen to open it on."""

from __future__ import annotations

import webbrowser

import pytest

from bot.cli.browsing import open_page

URL = "http://127.0.0.1:8711/app/"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A machine without a screen, and the addresses that its browser is asked to open."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    asked: list[str] = []

    def open_it(url: str) -> bool:
        asked.append(url)
        return True

    monkeypatch.setattr(webbrowser, "open", open_it)
    return asked


def test_without_a_screen_nothing_is_opened_not_even_in_the_terminal(opened: list[str]) -> None:
    assert open_page(URL) is False
    assert opened == []


@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER"])
def test_on_a_screen_or_with_a_browser_that_was_named_it_is_opened(
    opened: list[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, ":0")
    assert open_page(URL) is True
    assert opened == [URL]


def test_a_browser_that_cannot_be_started_is_no_failure(opened: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(url: str) -> bool:
        raise webbrowser.Error("no browser")

    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(webbrowser, "open", fails)
    assert open_page(URL) is False
