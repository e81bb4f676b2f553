"""The console's application: who comes in, to which page, and what becomes of what goes wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from urllib.parse import urlencode

import structlog
from aiohttp import web

from bot.discord_io.refusal import DATABASE, OURS, NotAllowedError, RefusedError
from bot.domain.policy import PolicyError
from bot.faults import place_of
from bot.judge.interface import JudgeError
from bot.language import mark, speak, tr
from bot.store import StoreError
from bot.store.trouble import trouble_in
from bot.web.console import guard
from bot.web.console.asked import Asked, Page, Section
from bot.web.console.door import Door
from bot.web.console.keeping import Keeping
from bot.web.console.numbers import LARGEST_ID, number_in
from bot.web.console.rendering import Renderer, static_files
from bot.web.console.sessions import Session, Sessions
from bot.web.console.visitor import UnknownServerError

log = structlog.get_logger(__name__)

_ANOTHER_NAME = mark(
    "The console is not reached by this name: open the address in LAWSPEAKER_WEB_URL, or 127.0.0.1 at the bot's own "
    "machine. A proxy before it has to pass the Host header on."
)
_ANOTHER_SITE = mark("A page of another site asked for this by itself: nobody opened it.")
SERVER = "/servers/{guild_id}/"
_A_YEAR = "public, max-age=31536000, immutable"


class Console:
    """Pages about each server's moderation, below /console/."""

    def __init__(
        self,
        door: Door,
        sections: Sequence[Section],
        sessions: Sessions,
        *,
        own_hosts: frozenset[str] = guard.LOOPBACK,
        is_secure: bool = False,
    ) -> None:
        """`own_hosts` are the names under which browsers reach it, over TLS where `is_secure`."""
        self.sections = sections
        self.renderer = Renderer(door.sign_out_path)
        self._sessions = sessions
        self._keeping = Keeping(sessions, is_secure=is_secure)
        self._door = door
        self._own_hosts = own_hosts

    def add_to(self, app: web.Application) -> None:
        """Add the console, and a way to it from the first page."""
        app.router.add_get("/", self._to_console)
        app.router.add_get("/console", self._to_console)
        app.add_subapp("/console/", self._application())

    def _application(self) -> web.Application:
        app = web.Application(middlewares=[self._guarded])
        app.router.add_get("/static/{name}", self._static)
        app.router.add_get("/", self._servers)
        app.add_routes(self._door.routes(self._keeping, self.renderer))
        for section in self.sections:
            for page in section.pages():
                app.router.add_route(page.method, SERVER + page.path, self._serving(page))
        app.router.add_get(SERVER, self._first_section)
        return app

    # -- every request -----------------------------------------------------------------------------------

    @web.middleware
    async def _guarded(self, request: web.Request, handler: guard.Handler) -> web.StreamResponse:
        speak(guard.language_of(request))
        if not guard.is_own_host(request.host, self._own_hosts):
            response: web.StreamResponse = web.Response(status=421, text=f"{tr(_ANOTHER_NAME)}\n")
        elif not guard.is_opened_by_somebody(request):
            response = web.Response(status=403, text=f"{tr(_ANOTHER_SITE)}\n")
        else:
            response = await self._answered(request, handler)
        guard.protect(response)
        return response

    async def _answered(self, request: web.Request, handler: guard.Handler) -> web.StreamResponse:
        """The answer, or the sentence that a failure gets."""
        try:
            return await handler(request)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            if isinstance(error, web.HTTPRequestEntityTooLarge):
                return self._told(
                    request, error.status, tr("That is too long for one form: shorten it and send it again.")
                )
            return self._told(request, error.status, tr("There is no such page: go back to the first one."))
        except UnknownServerError:
            return self._told(
                request,
                404,
                tr("There is no such server, or you may not look at it. The first page has those that you may."),
            )
        except NotAllowedError as error:
            return self._told(request, 403, str(error))
        except (RefusedError, StoreError, PolicyError) as error:
            return self._told(request, 409, str(error))
        except JudgeError as error:
            return self._told(request, 409, tr(str(error)))
        except Exception as error:  # noqa: BLE001 - whoever asked gets a sentence, and the console goes on
            if trouble_in(error) is not None:
                return self._told(request, 503, tr(DATABASE))
            _log_fault(request, error)
            return self._told(request, 500, tr(OURS))

    def _told(self, request: web.Request, status: int, sentence: str) -> web.Response:
        """A sentence on a page of its own, or where a page shows what it is told."""
        session = self._keeping.session_of(request)
        if "HX-Request" in request.headers:
            response = self.renderer.response("told.html", session, status=status, sentence=sentence)
            response.headers.update({"HX-Retarget": "#told", "HX-Reswap": "innerHTML"})
            return response
        return self.renderer.response("error.html", session, status=status, sentence=sentence)

    # -- sessions ----------------------------------------------------------------------------------------

    async def with_session(
        self, request: web.Request, answer: Callable[[Session], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """An answer in a session, which begins here where the door greets everybody; else they are sent to sign in."""
        session = self._keeping.session_of(request)
        if session is not None:
            return await answer(session)
        visitor = self._door.greet(request)
        if visitor is None:
            if request.method not in guard.SAFE or "HX-Request" in request.headers:
                raise NotAllowedError(tr("Your session is over: reload the page and sign in."))
            way = f"{self._door.sign_in_path}?{urlencode({'next': request.path_qs})}"
            return web.Response(status=303, headers={"Location": way})
        if request.method not in guard.SAFE:
            raise NotAllowedError(tr("Your session is over: reload the page."))
        session = self._sessions.begin(visitor)
        response = await answer(session)
        self._keeping.keep(response, session)
        return response

    # -- pages -------------------------------------------------------------------------------------------

    async def _to_console(self, _: web.Request) -> web.StreamResponse:
        return web.Response(status=303, headers={"Location": "/console/"})

    async def _static(self, request: web.Request) -> web.StreamResponse:
        kind, content = static_files().get(request.match_info["name"], ("", b""))
        if not kind:
            raise web.HTTPNotFound
        return web.Response(body=content, content_type=kind, charset="utf-8", headers={"Cache-Control": _A_YEAR})

    async def _servers(self, request: web.Request) -> web.StreamResponse:
        async def answer(session: Session) -> web.StreamResponse:
            servers = await session.visitor.servers()
            if len(servers) == 1:
                return web.Response(status=303, headers={"Location": f"/console/servers/{servers[0].id}/"})
            return self.renderer.response("servers.html", session, title=tr("Servers"), servers=servers)

        return await self.with_session(request, answer)

    async def _first_section(self, request: web.Request) -> web.StreamResponse:
        async def answer(session: Session) -> web.StreamResponse:
            entry = await session.visitor.enter(_guild_id(request))
            section = next((one for one in self.sections if entry.may(one.use)), None)
            if section is None:
                raise UnknownServerError
            return web.Response(status=303, headers={"Location": f"/console/servers/{entry.guild.id}/{section.path}"})

        return await self.with_session(request, answer)

    def _serving(self, page: Page) -> guard.Handler:
        async def serve(request: web.Request) -> web.StreamResponse:
            return await self.with_session(request, lambda session: self._page(page, request, session))

        return serve

    async def _page(self, page: Page, request: web.Request, session: Session) -> web.StreamResponse:
        """A page, for who may use it now; what changes something also needs the session's token."""
        form: Mapping[str, str] = {}
        enter = session.visitor.enter
        if page.method not in guard.SAFE:
            form = await self._keeping.form(request, session)
            enter = enter if page.only_looks else session.visitor.act
        entry = await enter(_guild_id(request))
        if not entry.may(page.use):
            raise NotAllowedError(tr("You may not use this on this server: ask its administrator."))
        nav = [one for one in self.sections if entry.may(one.use)]
        return await page.answer(Asked(request, session, entry, self.renderer, nav, form))


def _log_fault(request: web.Request, error: Exception) -> None:
    """Log what failed and where, without the words of the error or of the address: members' may be among them."""
    resource = request.match_info.route.resource
    path = resource.canonical if resource is not None else ""
    log.error("console_failed", method=request.method, path=path, error=type(error).__name__, where=place_of(error))


def _guild_id(request: web.Request) -> int:
    guild_id = number_in(request.match_info["guild_id"], LARGEST_ID)
    if guild_id is None:
        raise UnknownServerError
    return guild_id
