"""Signing in to the console with Discord, and out again."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

import structlog
from aiohttp import web

from bot.discord_io.refusal import NotAllowedError
from bot.language import mark, tr, trn
from bot.web.console import guard
from bot.web.console.attempts import LASTS, Attempt, Attempts, own_path
from bot.web.console.discord_oauth import DiscordOAuth, SignInError
from bot.web.console.keeping import Keeping
from bot.web.console.moderator import Guilds, Moderator
from bot.web.console.rate import Rate, RateLimit, address_of
from bot.web.console.rendering import Renderer

log = structlog.get_logger(__name__)

IN, TO_DISCORD, BACK, OUT = "/sign-in", "/sign-in/discord", "/signed-in", "/sign-out"
CONSOLE = "/console"
ATTEMPT = "lawspeaker_attempt"
PER_ADDRESS = Rate(burst=10, seconds=10.0)
OVERALL = Rate(burst=60, seconds=1.0)

_DENIED = mark("You did not agree on Discord, so you are not signed in: sign in again if you want to.")
_REFUSED = mark("Discord refuses this console: whoever runs the bot has to look at the settings for signing in.")
_ANOTHER = mark("This sign-in was begun in another browser, was finished already or took too long: sign in again.")


@dataclass(frozen=True, slots=True)
class Tries:
    """How often one may try to sign in: from one address, and from all together."""

    per_address: RateLimit = field(default_factory=lambda: RateLimit(PER_ADDRESS))
    overall: RateLimit = field(default_factory=lambda: RateLimit(OVERALL))

    def wait(self, address: str) -> float:
        """Count one; the seconds to wait where it is one too many. Who has used up theirs uses up nobody else's."""
        return self.per_address.wait(address) or self.overall.wait("")


class SignInDoor:
    """Lets nobody in who has not signed in."""

    sign_in_path = CONSOLE + IN
    sign_out_path = CONSOLE + OUT

    def __init__(
        self, oauth: DiscordOAuth, guilds: Guilds, address: Callable[[], str], tries: Tries | None = None
    ) -> None:
        """`address` is where browsers reach the console, as `https://mod.example`."""
        self._oauth = oauth
        self._guilds = guilds
        self._address = address
        self._tries = tries or Tries()
        self._attempts = Attempts()

    def greet(self, request: web.Request) -> None:
        """Nobody is known by themselves."""
        return None

    def routes(self, keeping: Keeping, renderer: Renderer) -> Sequence[web.RouteDef]:
        """The pages by which one signs in and out."""
        pages = _Pages(self._oauth, self._guilds, self.redirect_uri, self._tries, self._attempts, keeping, renderer)
        return [
            web.get(IN, pages.show),
            web.get(TO_DISCORD, pages.leave),
            web.get(BACK, pages.come_back),
            web.post(OUT, pages.sign_out),
        ]

    def redirect_uri(self) -> str:
        """Where Discord sends browsers back to; it has to be registered there to the letter."""
        return self._address().rstrip("/") + CONSOLE + BACK


@dataclass(frozen=True, slots=True)
class _Pages:
    oauth: DiscordOAuth
    guilds: Guilds
    redirect_uri: Callable[[], str]
    tries: Tries
    attempts: Attempts
    keeping: Keeping
    renderer: Renderer

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The page with the way to Discord; who is signed in already goes on."""
        wanted = own_path(request.query.get("next", ""))
        if self.keeping.session_of(request) is not None:
            return _to(wanted)
        return self._page(wanted)

    async def leave(self, request: web.Request) -> web.StreamResponse:
        """Off to Discord, with a cookie by which the browser is known again."""
        if refused := self._too_many(request):
            return refused
        attempt = self.attempts.begin(request.query.get("next", ""))
        try:
            response = _to(self.oauth.address(self.redirect_uri(), attempt.state, attempt.challenge))
        except SignInError as error:
            return self._page(attempt.next, str(error), 503)
        self.keeping.keep_apart(response, ATTEMPT, attempt.browser, LASTS)
        return response

    async def come_back(self, request: web.Request) -> web.StreamResponse:
        """Back from Discord: a new session, under an id that no one had before, for the user whom Discord names."""
        if refused := self._too_many(request):
            return refused
        attempt = self.attempts.finish(self.keeping.brought(request, ATTEMPT), request.query.get("state", ""))
        response = await self._finished(request, attempt)
        self.keeping.keep_apart(response, ATTEMPT, "", 0)
        return response

    async def sign_out(self, request: web.Request) -> web.StreamResponse:
        """End the session."""
        if not guard.is_from_here(request):
            # Another site's form comes without the session's cookie, and would still have it taken away.
            raise NotAllowedError(tr("This form is out of date: load the page anew and try again."))
        session = self.keeping.session_of(request)
        if session is not None:
            await self.keeping.form(request, session)
            self.keeping.sessions.end(session)
        response = _to(CONSOLE + IN)
        self.keeping.forget(response)
        return response

    async def _finished(self, request: web.Request, attempt: Attempt | None) -> web.StreamResponse:
        if attempt is None:
            return self._page(own_path(""), tr(_ANOTHER), 400)
        code, refused = request.query.get("code", ""), request.query.get("error")
        if not code or refused:
            sentence = _DENIED if refused == "access_denied" else _REFUSED
            return self._page(attempt.next, tr(sentence), 403)
        try:
            who = await self.oauth.identity(code, attempt.verifier, self.redirect_uri())
        except SignInError as error:
            return self._page(attempt.next, str(error), 502)
        earlier = self.keeping.session_of(request)
        if earlier is not None:
            self.keeping.sessions.end(earlier)
        log.info("console_signed_in", user_id=who.user_id)
        response = _to(attempt.next)
        self.keeping.keep(response, self.keeping.sessions.begin(Moderator(who, self.guilds)))
        return response

    def _too_many(self, request: web.Request) -> web.Response | None:
        seconds = math.ceil(self.tries.wait(address_of(request)))
        if not seconds:
            return None
        sentence = trn(
            "There were too many tries to sign in: wait a second and try again.",
            "There were too many tries to sign in: wait {n} seconds and try again.",
            seconds,
        )
        response = self._page(own_path(""), sentence, 429)
        response.headers["Retry-After"] = str(seconds)
        return response

    def _page(self, wanted: str, sentence: str = "", status: int = 200) -> web.Response:
        way = f"{CONSOLE}{TO_DISCORD}?{urlencode({'next': wanted})}"
        return self.renderer.response("sign_in.html", None, status=status, way=way, sentence=sentence)


def _to(address: str) -> web.Response:
    return web.Response(status=303, headers={"Location": address})
