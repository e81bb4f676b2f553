"""Who gets through to which page of the console: each route it has, and everybody who may come.

A new route needs a line in PAGES, which says what it is for and who may use it; `test_every_route_is_named_here` misses
it otherwise. The pages' own work is left out here: what is asked is whether they are reached.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import pytest_asyncio
from aiohttp import web

from bot.domain.access import AccessChange, Group, Use, Who
from bot.sandbox.model import User
from bot.sandbox.permissions import ADMINISTRATOR, MANAGE_GUILD
from bot.web.console.asked import Asked, Page, Section
from bot.web.console.console import Console
from bot.web.console.operator import OpenDoor, Operator
from bot.web.console.sessions import Sessions
from bot.web.server import WebServer
from tests.stage import Scene, until
from tests.web.client import Answer, Browser
from tests.web.signed import Signed, console_of, signed_console

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]

LOOKS, CHANGES = "GET", "POST"
STATS, SETTINGS = Use(Group.STATS, Who.BOTH), Use(Group.SETTINGS, Who.BOTH)
CASES, POLICY = Use(Group.CASES, Who.MODERATORS), Use(Group.POLICY, Who.MODERATORS)
TRIAL, MANAGED = Use(Group.TRIAL, Who.MODERATORS), Use(Group.SETTINGS, Who.MANAGERS)
SERVER = "/console/servers/{guild_id}/"

PAGES: Mapping[tuple[str, str], Use] = {
    (LOOKS, "now"): STATS,
    (LOOKS, "now/live"): STATS,
    (LOOKS, "cases"): CASES,
    (LOOKS, "cases/members"): CASES,
    (LOOKS, "cases/moderators"): CASES,
    (LOOKS, "cases/{number}"): CASES,
    (CHANGES, "cases/{number}/confirm"): CASES,
    (CHANGES, "cases/{number}/overturn"): CASES,
    (CHANGES, "cases/{number}/act"): CASES,
    (CHANGES, "cases/{number}/claim"): CASES,
    (CHANGES, "cases/{number}/release"): CASES,
    (CHANGES, "cases/{number}/note"): CASES,
    (CHANGES, "cases/{number}/answer"): CASES,
    (CHANGES, "cases/{number}/learn"): CASES,
    (LOOKS, "review"): CASES,
    (LOOKS, "review/{number}"): CASES,
    (CHANGES, "review"): CASES,
    (CHANGES, "review/{number}/confirm"): CASES,
    (CHANGES, "review/{number}/overturn"): CASES,
    (CHANGES, "review/{number}/act"): CASES,
    (CHANGES, "review/{number}/answer"): CASES,
    (CHANGES, "review/{number}/note"): CASES,
    (CHANGES, "review/{number}/skip"): CASES,
    (CHANGES, "review/{number}/undo"): CASES,
    (CHANGES, "review/{number}/learn"): CASES,
    (LOOKS, "policy"): POLICY,
    (CHANGES, "policy/scope"): POLICY,
    (LOOKS, "policy/edit"): POLICY,
    (CHANGES, "policy/edit/check"): POLICY,
    (CHANGES, "policy/edit/keep"): POLICY,
    (CHANGES, "policy/edit/publish"): POLICY,
    (LOOKS, "policy/versions"): POLICY,
    (LOOKS, "policy/versions/diff"): POLICY,
    (LOOKS, "policy/versions/{number}"): POLICY,
    (CHANGES, "policy/versions/{number}/restore"): POLICY,
    (LOOKS, "policy/card"): POLICY,
    (LOOKS, "policy/card/text"): POLICY,
    (LOOKS, "policy/try"): TRIAL,
    (CHANGES, "policy/try"): TRIAL,
    (LOOKS, "policy/backtest"): POLICY,
    (LOOKS, "policy/backtest/run"): POLICY,
    (CHANGES, "policy/backtest"): POLICY,
    (CHANGES, "policy/backtest/stop"): POLICY,
    (LOOKS, "policy/thresholds"): POLICY,
    (CHANGES, "policy/thresholds/preview"): POLICY,
    (CHANGES, "policy/thresholds"): MANAGED,
    (LOOKS, "audit"): SETTINGS,
    (LOOKS, "audit/check"): SETTINGS,
    (CHANGES, "audit/check"): SETTINGS,
}
"""What each page below a server's address is for, by method and path."""

OPEN = {
    ("GET", "/console/"): "the servers that one may look at; to sign in without a session",
    ("GET", SERVER): "leads to the first page that one may use",
    ("GET", "/console/static/{name}"): "style sheets and scripts, which hold nothing of anybody's",
    ("GET", "/console/sign-in"): "the way to Discord",
    ("GET", "/console/sign-in/discord"): "the way to Discord",
    ("GET", "/console/signed-in"): "the way back",
    ("POST", "/console/sign-out"): "ends the session that it is sent with; needs its token",
}
"""Routes that are no server's page, with what they show to whom."""

THROUGH = 299


@dataclass(frozen=True, slots=True)
class Reached:
    """A section whose pages say that they were reached, instead of doing their work."""

    section: Section

    @property
    def path(self) -> str:
        return self.section.path

    @property
    def title(self) -> str:
        return self.section.title

    @property
    def use(self) -> Use:
        return self.section.use

    def pages(self) -> Sequence[Page]:
        async def reached(_: Asked) -> web.StreamResponse:
            return web.Response(status=THROUGH)

        return [replace(page, answer=reached) for page in self.section.pages()]


@dataclass(slots=True)
class Cast:
    """Everybody who may come, on a server where each of them has a part."""

    signed: Signed
    people: dict[str, User]


@pytest_asyncio.fixture(loop_scope="session")
async def players(scene: Scene) -> AsyncIterator[Cast]:
    world, moderation, guild = scene.server.world, scene.server.moderation, scene.guild
    elsewhere = await scene.stage.scene(policy=None)
    administrators = moderation.create_role(guild, "Administrators", ADMINISTRATOR)
    caretakers = moderation.create_role(guild, "Caretakers", MANAGE_GUILD)
    helpers, muzzled = moderation.create_role(guild, "Helpers"), moderation.create_role(guild, "Muzzled")
    people = {
        "member": scene.member,
        "moderator": scene.moderator,
        "manager": world.add_user("a-caretaker"),
        "administrator": world.add_user("an-administrator"),
        "owner": scene.owner,
        "given all by the server": world.add_user("a-helper"),
        "moderator who is refused all": world.add_user("a-muzzled-one"),
        "moderator who is timed out": world.add_user("a-muted-one"),
        "member who is timed out": world.add_user("a-muted-member"),
        "moderator of another server": elsewhere.moderator,
        "moderator who left": world.add_user("one-who-left"),
        "bot": scene.bot,
    }
    moderators = guild.roles[scene.moderator_role_id]
    world.join(guild, people["manager"], [caretakers])
    world.join(guild, people["administrator"], [administrators])
    world.join(guild, people["given all by the server"], [helpers])
    world.join(guild, people["moderator who is refused all"], [moderators, muzzled])
    for person, roles in (("moderator who is timed out", [moderators]), ("member who is timed out", [])):
        world.join(guild, people[person], roles).timed_out_until = world.now() + timedelta(hours=1)
    for group in Group:
        await scene.store.guilds.set_access(guild.id, AccessChange(helpers.id, group, True))
        await scene.store.guilds.set_access(guild.id, AccessChange(muzzled.id, group, False))
    known = scene.stage.trial.app.client.get_guild(guild.id)
    assert known is not None

    async def the_last_role_is_known() -> bool:
        return known.get_role(muzzled.id) is not None

    await until(the_last_role_is_known)
    sections = [Reached(section) for section in console_of(scene).sections]
    async with signed_console(scene, sections) as signed:
        yield Cast(signed, people)


def may(person: str, use: Use) -> bool:
    """Whether somebody may use a page, by what the README says of commands."""
    always = {"administrator", "owner", "given all by the server"}
    by_default = {
        Who.MODERATORS: {"moderator"},
        Who.MANAGERS: {"manager"},
        Who.BOTH: {"moderator", "manager"},
    }
    return person in always | by_default[use.who]


def filled(path: str, guild_id: int) -> str:
    """A path with numbers for what it leaves open."""
    parts = ["1" if part.startswith("{") else part for part in path.split("/")]
    return f"/console/servers/{guild_id}/" + "/".join(parts)


async def came(browser: Browser, method: str, path: str, csrf: str, **headers: str) -> Answer:
    return await browser.ask(method, path, {"csrf": csrf} if method == CHANGES else None, **headers)


# -- the routes ----------------------------------------------------------------------------------------------


async def test_every_route_is_named_here(scene: Scene, players: Cast) -> None:
    routes = set()
    for resource in players.signed.web.app.router.resources():
        inner = getattr(resource, "_app", None)
        found = resource if inner is None else inner.router.routes()
        routes |= {(route.method, route.resource.canonical) for route in found if route.resource is not None}
    named = {(method, SERVER + path) for method, path in PAGES} | set(OPEN) | {("GET", "/"), ("GET", "/console")}
    assert {route for route in routes if route[0] != "HEAD"} == named


async def test_every_page_is_for_those_whom_this_table_names(scene: Scene) -> None:
    uses = {(page.method, page.path): page.use for section in console_of(scene).sections for page in section.pages()}
    assert uses == PAGES


async def test_who_may_is_decided_as_for_commands(players: Cast) -> None:
    """Each person, each page: only those who may use its group get through."""
    guild_id = players.signed.scene.guild.id
    wrong = []
    for person, user in players.people.items():
        browser = Browser(players.signed.address)
        session = players.signed.session(user)
        browser.bring(session)
        for (method, path), use in PAGES.items():
            answer = await came(browser, method, filled(path, guild_id), session.csrf)
            if (answer.status == THROUGH) is not may(person, use):
                wrong.append((person, method, path, answer.status))
            if answer.status != THROUGH:
                assert answer.status in (403, 404), (person, path)
        await browser.close()
    assert wrong == []


async def test_who_may_use_nothing_here_is_told_no_more_than_of_a_server_that_there_is_not(players: Cast) -> None:
    guild_id = players.signed.scene.guild.id
    for person in (
        "member",
        "member who is timed out",
        "moderator of another server",
        "moderator who left",
        "moderator who is refused all",
    ):
        browser = Browser(players.signed.address)
        browser.bring(players.signed.session(players.people[person]))
        for method, path in PAGES:
            if method != LOOKS:
                continue
            here, nowhere = [await browser.get(filled(path, one)) for one in (guild_id, 1)]
            assert (here.status, here.text) == (nowhere.status, nowhere.text), person
        await browser.close()


async def test_a_moderator_who_is_timed_out_is_told_so_on_every_page(players: Cast) -> None:
    """They know the server and their timeout; what the pages are about they are not told."""
    browser = Browser(players.signed.address)
    session = players.signed.session(players.people["moderator who is timed out"])
    browser.bring(session)
    for method, path in PAGES:
        answer = await came(browser, method, filled(path, players.signed.scene.guild.id), session.csrf)
        assert answer.status == 403, path
        assert "You are timed out on this server until " in answer.text, path
        assert "A server" not in answer.text
    await browser.close()


async def test_nobody_gets_through_without_a_session(players: Cast) -> None:
    guild_id = players.signed.scene.guild.id
    for session in ("", "made-up", "x" * 5_000):
        browser = Browser(players.signed.address)
        if session:
            browser.bring(session)
        for method, path in PAGES:
            answer = await came(browser, method, filled(path, guild_id), "made-up")
            assert answer.status == (303 if method == LOOKS else 403), path
            assert answer.status != 303 or answer.location.startswith("/console/sign-in?next="), path
        await browser.close()


# -- forms ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("csrf", "headers"),
    [
        ("", {}),
        ("made-up", {}),
        ("stale", {}),
        ("another's", {}),
        ("right", {"Origin": "https://evil.example"}),
        ("right", {"Origin": "null"}),
        ("right", {"Sec_Fetch_Site": "cross-site"}),
        ("right", {"Sec_Fetch_Site": "same-site"}),
    ],
)
async def test_nothing_is_changed_by_a_form_that_is_not_the_sessions_own(
    players: Cast, csrf: str, headers: dict[str, str]
) -> None:
    signed, administrator = players.signed, players.people["administrator"]
    browser = Browser(signed.address)
    earlier, another = signed.session(administrator), signed.session(players.people["moderator"])
    signed.sessions.end(earlier)
    session = signed.session(administrator)
    browser.bring(session)
    tokens = {"stale": earlier.csrf, "another's": another.csrf, "right": session.csrf}
    paths = [filled(path, signed.scene.guild.id) for method, path in PAGES if method == CHANGES]
    for path in [*paths, "/console/sign-out"]:
        answer = await came(browser, CHANGES, path, tokens.get(csrf, csrf), **headers)
        assert answer.status == 403, path
    assert signed.sessions.find(session.id) is session, "and nobody was signed out"
    await browser.close()


async def test_a_page_is_no_way_to_change_something(players: Cast) -> None:
    """A link or a picture on another site sends the session along; what changes something is never got by one."""
    browser = Browser(players.signed.address)
    browser.bring(players.signed.session(players.people["administrator"]))
    for method, path in PAGES:
        if method == CHANGES and (LOOKS, path) not in PAGES:
            assert (await browser.get(filled(path, players.signed.scene.guild.id))).status in (404, 405), path
    await browser.close()


# -- by which name -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "[2001:db8::1]:80"])
async def test_nobody_gets_through_by_another_name_that_leads_here(players: Cast, host: str) -> None:
    """A page of somebody else's whose name leads to this machine can read what it gets from here."""
    signed = players.signed
    browser = Browser(signed.address)
    session = signed.session(players.people["administrator"])
    browser.bring(session)
    for method, path in PAGES:
        answer = await came(browser, method, filled(path, signed.scene.guild.id), session.csrf, Host=host)
        assert (answer.status, "LAWSPEAKER_WEB_URL" in answer.text) == (421, True), path
    await browser.close()


# -- the operator --------------------------------------------------------------------------------------------


async def test_the_operator_gets_through_at_this_machine_and_by_no_other_name(players: Cast) -> None:
    scene = players.signed.scene
    app = scene.stage.trial.app
    guild_id = scene.guild.id
    open_console = console_of(scene)
    sections = [Reached(section) for section in open_console.sections]
    web_server = WebServer("127.0.0.1", 0, Console(OpenDoor(Operator(app.client, app.store)), sections, Sessions()))
    await web_server.start()
    browser = Browser(replace(players.signed, web=web_server).address)
    try:
        for method, path in PAGES:
            if method == CHANGES:
                assert (await came(browser, method, filled(path, guild_id), "")).status == 403, "a form without a token"
            elif (answer := await browser.get(filled(path, guild_id))).status != THROUGH:
                pytest.fail(f"{path}: {answer.status}")
            foreign = await came(browser, method, filled(path, guild_id), "", Host="evil.example")
            assert foreign.status == 421
            through_a_proxy = Browser(browser.address)
            for header in ("X_Forwarded_For", "Forwarded", "Via"):
                handed_on = await came(through_a_proxy, method, filled(path, guild_id), "", **{header: "192.0.2.1"})
                assert (handed_on.status, through_a_proxy.cookie()) == (403, "")
            await through_a_proxy.close()
    finally:
        await browser.close()
        await web_server.stop()
