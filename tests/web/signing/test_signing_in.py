"""Signing in to the console with Discord, through the sandbox's own flow, and out again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest

from bot.web.console import keeping
from bot.web.console.sessions import IDLE, LONGEST
from bot.web.server import LARGEST_REQUEST
from tests.web.client import Browser
from tests.web.signed import Opened, Signed, parameter

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]


# -- the way in ----------------------------------------------------------------------------------------------


async def test_who_is_not_signed_in_is_sent_to_do_so_and_then_to_the_page_they_wanted(
    signed: Signed, browser: Browser
) -> None:
    sent = await browser.get(signed.page)
    assert (sent.status, sent.location) == (303, f"/console/sign-in?next={quote(signed.page, safe='')}")
    shown = await browser.get(sent.location)
    assert shown.status == 200
    assert f"/console/sign-in/discord?next={quote(signed.page, safe='')}" in shown.text
    assert not browser.cookie(), "a session begins with signing in, not before"
    back = await browser.sign_in(signed.scene.moderator, signed.page)
    assert (back.status, back.location) == (303, signed.page)
    page = await browser.get(signed.page)
    assert page.status == 200
    assert signed.scene.moderator.name in page.text
    again = await browser.get("/console/sign-in")
    assert (again.status, again.location) == (303, "/console/"), "who is signed in goes on"


async def test_discord_is_asked_who_it_is_and_nothing_else(signed: Signed, browser: Browser) -> None:
    there = await browser.leave()
    assert there.startswith(signed.scene.server.api_base.removesuffix("/api/v10") + "/oauth2/authorize?")
    assert parameter(there, "scope") == "identify"
    assert parameter(there, "redirect_uri") == f"{signed.address}/console/signed-in"
    assert parameter(there, "code_challenge_method") == "S256"
    assert signed.scene.stage.trial.application.secret not in there


async def test_no_token_of_discords_outlives_the_sign_in(signed: Signed, browser: Browser) -> None:
    grants, application = signed.scene.server.world.grants, signed.scene.stage.trial.application
    await browser.sign_in(signed.scene.moderator)
    assert browser.cookie()
    assert not grants.covers(application, signed.scene.moderator, {"identify"})


async def test_a_token_is_given_back_also_when_discord_fails_after_it(signed: Signed, browser: Browser) -> None:
    grants, application = signed.scene.server.world.grants, signed.scene.stage.trial.application
    back = await browser.agree(await browser.leave(), signed.scene.moderator)
    signed.scene.server.fail("GET", "/users/@me", 500)
    shown = await browser.get(back)
    assert (shown.status, browser.cookie()) == (502, "")
    assert "Discord does not answer" in shown.text
    assert not grants.covers(application, signed.scene.moderator, {"identify"})


@pytest.mark.parametrize("status", [500, 429, 0])
async def test_when_discord_does_not_answer_a_sentence_says_so(signed: Signed, browser: Browser, status: int) -> None:
    back = await browser.agree(await browser.leave(), signed.scene.moderator)
    signed.scene.server.fail("POST", "/oauth2/token", status)
    shown = await browser.get(back)
    assert (shown.status, browser.cookie()) == (502, "")
    assert "Discord does not answer at the moment" in shown.text


async def test_who_does_not_agree_is_told_that_nobody_is_signed_in(signed: Signed, browser: Browser) -> None:
    sent = await browser.ask("POST", await browser.leave(signed.page), {"answer": "cancel"})
    shown = await browser.get(sent.location)
    assert (shown.status, browser.cookie()) == (403, "")
    assert "You did not agree" in shown.text
    assert f"/console/sign-in/discord?next={quote(signed.page, safe='')}" in shown.text


async def test_what_discord_refuses_by_itself_is_for_whoever_runs_the_bot(signed: Signed, browser: Browser) -> None:
    state = parameter(await browser.leave(), "state")
    shown = await browser.get(f"/console/signed-in?error=invalid_scope&state={state}")
    assert (shown.status, browser.cookie()) == (403, "")
    assert "whoever runs the bot" in shown.text


async def test_a_sign_in_is_worth_nothing_in_another_browser_or_a_second_time(
    signed: Signed, browser: Browser, opened: Opened
) -> None:
    back = await browser.agree(await browser.leave(), signed.scene.moderator)
    victim = opened()
    await victim.leave()
    for other in (opened(), victim):
        shown = await other.get(back)
        assert (shown.status, other.cookie()) == (400, ""), "nobody is signed in as somebody else by a link"
    assert (await browser.get(back)).status == 303
    held = browser.cookie()
    assert (await browser.get(back)).status == 400
    assert browser.cookie() == held


async def test_a_code_of_another_sign_in_is_not_accepted(signed: Signed, browser: Browser, opened: Opened) -> None:
    thief = opened()
    stolen = parameter(await browser.agree(await browser.leave(), signed.scene.moderator), "code")
    there = await thief.leave()
    shown = await thief.get(f"/console/signed-in?code={stolen}&state={parameter(there, 'state')}")
    assert (shown.status, thief.cookie()) == (502, ""), "its challenge is another browser's"
    assert "sign in again" in shown.text


@pytest.mark.parametrize("query", ["", "?state=x", "?code=x", "?error=access_denied&state=x", "?state=%00&code=%FF"])
async def test_an_answer_to_nothing_is_one_sentence(browser: Browser, query: str) -> None:
    shown = await browser.get(f"/console/signed-in{query}")
    assert (shown.status, browser.cookie()) == (400, "")
    assert "sign in again" in shown.text


async def test_the_session_that_somebody_put_into_a_browser_is_not_the_one_that_is_signed_in(
    signed: Signed, browser: Browser
) -> None:
    planted = signed.session(signed.scene.member)
    browser.bring(planted)
    await browser.sign_in(signed.scene.moderator)
    assert browser.cookie() not in ("", planted.id)
    assert signed.sessions.find(planted.id) is None


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "/healthz"])
async def test_after_signing_in_nobody_is_sent_elsewhere(signed: Signed, browser: Browser, wanted: str) -> None:
    back = await browser.sign_in(signed.scene.moderator, quote(wanted, safe=""))
    assert (back.status, back.location) == (303, "/console/")


# -- the way out, and the session's end ----------------------------------------------------------------------


async def test_signing_out_ends_the_session_and_needs_a_form_of_ours(
    signed: Signed, browser: Browser, opened: Opened
) -> None:
    await browser.sign_in(signed.scene.moderator)
    page, held = await browser.get(signed.page), browser.cookie()
    assert (await browser.post("/console/sign-out")).status == 403, "another site cannot sign somebody out"
    assert (await browser.get(signed.page)).status == 200
    out = await browser.post("/console/sign-out", {"csrf": page.token})
    assert (out.status, out.location, browser.cookie()) == (303, "/console/sign-in", "")
    late = opened()
    late.bring(held)
    assert (await late.get(signed.page)).status == 303
    assert (await late.post("/console/sign-out")).status == 303, "who is signed out may sign out"


@pytest.mark.parametrize("kind", ["multipart/form-data", "application/x-www-form-urlencoded; charset=x", "text/plain"])
async def test_a_form_that_is_none_is_out_of_date(signed: Signed, browser: Browser, kind: str) -> None:
    await browser.sign_in(signed.scene.moderator)
    sent = browser.http.post(f"{signed.address}/console/sign-out", data=b"csrf=a", headers={"Content-Type": kind})
    async with sent as answer:
        assert answer.status == 403
        assert "out of date" in await answer.text()


async def test_a_form_that_never_ends_is_not_waited_for(
    signed: Signed, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "PATIENCE", 0.05)
    await browser.sign_in(signed.scene.moderator)
    never = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield b"csrf="
        await never.wait()

    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    sent = browser.http.post(f"{signed.address}/console/sign-out", data=body(), headers=kind)
    async with sent as answer:
        assert answer.status == 403


async def test_a_form_of_files_is_not_read(signed: Signed, browser: Browser) -> None:
    """No form of ours has one; taking thousands of parts apart holds up all that the bot does."""
    await browser.sign_in(signed.scene.moderator)
    token = (await browser.get(signed.page)).token
    part = f"--x\r\nContent-Disposition: form-data; name=csrf\r\n\r\n{token}\r\n"
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    sent = browser.http.post(f"{signed.address}/console/sign-out", data=f"{part}--x--\r\n", headers=kind)
    async with sent as answer:
        assert answer.status == 403


async def test_a_form_that_is_too_large_is_one_sentence(signed: Signed, browser: Browser) -> None:
    await browser.sign_in(signed.scene.moderator)
    answer = await browser.post("/console/sign-out", {"csrf": "a" * (LARGEST_REQUEST + 1)})
    assert answer.status == 413
    assert "too long for one form" in answer.text


async def test_a_session_ends_after_two_hours_without_use_and_after_twelve_with_it(
    signed: Signed, browser: Browser
) -> None:
    await browser.sign_in(signed.scene.moderator)
    begun = signed.clock.now
    while signed.clock.now + IDLE / 2 < begun + LONGEST:
        signed.clock.now += IDLE / 2
        assert (await browser.get(signed.page)).status == 200
    signed.clock.now = begun + LONGEST + 1
    assert (await browser.get(signed.page)).status == 303
    await browser.sign_in(signed.scene.moderator)
    signed.clock.now += IDLE + 1
    assert (await browser.get(signed.page)).status == 303


async def test_a_page_that_asks_by_itself_keeps_no_session_open(signed: Signed, browser: Browser) -> None:
    await browser.sign_in(signed.scene.moderator)
    page = await browser.get(signed.page)
    assert 'hx-headers=\'{"X-By-Itself": "yes"}\'' in page.text
    signed.clock.now += IDLE / 2
    assert (await browser.get(f"{signed.page}/live", X_By_Itself="yes")).status == 200
    signed.clock.now += IDLE / 2 + 1
    assert (await browser.get(f"{signed.page}/live", X_By_Itself="yes", HX_Request="true")).status == 403


async def test_a_page_that_asks_again_and_again_is_told_that_its_session_is_over(
    signed: Signed, browser: Browser
) -> None:
    shown = await browser.get(signed.page, HX_Request="true")
    assert shown.status == 403
    assert "sign in" in shown.text
