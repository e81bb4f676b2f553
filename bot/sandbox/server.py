"""A Discord server on loopback: REST and gateway on one port, put together here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from aiohttp import web

from bot.sandbox import origin, page
from bot.sandbox.commands import Commands
from bot.sandbox.exchange import Exchange
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.gateway import Gateway
from bot.sandbox.http import PREFIX, RestServer
from bot.sandbox.hub import Hub
from bot.sandbox.interactions import Interactions
from bot.sandbox.link import guild_create
from bot.sandbox.marks import Marks, Tone
from bot.sandbox.member import MemberClient
from bot.sandbox.model import Application, Channel, Guild, Member, Message, User
from bot.sandbox.moderation import Moderation
from bot.sandbox.oauth.authorize import OAUTH, AuthorizePage
from bot.sandbox.permissions import MODERATION_BOT
from bot.sandbox.places import Places
from bot.sandbox.posting import Posting, Upload
from bot.sandbox.ratelimit import RateLimits
from bot.sandbox.rest.account import AccountApi
from bot.sandbox.rest.callbacks import CallbacksApi
from bot.sandbox.rest.channels import ChannelsApi
from bot.sandbox.rest.commands import CommandsApi
from bot.sandbox.rest.interactions import InteractionsApi
from bot.sandbox.rest.members import MembersApi
from bot.sandbox.rest.messages import MessagesApi
from bot.sandbox.rest.oauth import OAuthApi
from bot.sandbox.rest.roles import RolesApi
from bot.sandbox.rest.sandbox import ACCOUNTS, Account, SandboxApi
from bot.sandbox.rest.scenes import ScenesApi
from bot.sandbox.rest.threads import ThreadsApi
from bot.sandbox.scenes import Scenes
from bot.sandbox.world import World

MAX_REQUEST_BYTES = 110 * 1024 * 1024


class SandboxServer:
    """Discord for one process. What happens in its world is done through `posting`, `moderation` and `places`."""

    def __init__(
        self,
        world: World | None = None,
        *,
        on_exchange: Callable[[Exchange], None] | None = None,
        first_answer_seconds: float = 3.0,
    ) -> None:
        """A server that does not listen yet; `on_exchange` hears of every REST request and its answer."""
        self.world = world or World()
        self.hub = Hub(self.world)
        self.limits = RateLimits()
        self.faults = Faults()
        self.gateway = Gateway(self.world, self.hub)
        self.commands = Commands(self.world)
        self.interactions = Interactions(self.world, self.hub, first_answer_seconds)
        self.posting = Posting(self.world, self.hub)
        self.places = Places(self.world, self.hub)
        self.moderation = Moderation(self.world, self.hub, self.posting)
        self.marks = Marks(self.hub)
        self.scenes = Scenes(self.world, self.hub, self.posting, self.places, self.moderation)
        self.accounts: list[Account] = []
        """Whom who opens the page may be, in the order in which they are shown; nobody unless offered."""
        self._rest = RestServer(self.world, self.limits, self.faults, on_exchange)
        self._runner: web.AppRunner | None = None
        self._members: list[MemberClient] = []
        self._origin = ""
        self._own_hosts: frozenset[str] = frozenset()

    @property
    def api_base(self) -> str:
        """The REST base, as `http://127.0.0.1:9000/api/v10`."""
        return f"http://{self._origin}{PREFIX}"

    @property
    def gateway_url(self) -> str:
        """The gateway, as `ws://127.0.0.1:9000/`."""
        return f"ws://{self._origin}/"

    @property
    def page_url(self) -> str:
        """The page for the browser, as `http://127.0.0.1:9000/app/`."""
        return f"http://{self._origin}{page.PREFIX}"

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes any free one. OSError where the port is taken."""
        guarded = (page.PREFIX, PREFIX + ACCOUNTS, OAUTH)
        app = web.Application(
            client_max_size=MAX_REQUEST_BYTES, middlewares=[origin.guard(guarded, lambda: self._own_hosts)]
        )
        areas = (
            AccountApi(self.world, self.moderation, lambda: self.gateway_url),
            OAuthApi(self.world),
            MessagesApi(self.world, self.posting, self.places, self.moderation),
            ChannelsApi(self.world, self.places, self.moderation),
            ThreadsApi(self.world, self.places, self.posting, self.moderation),
            MembersApi(self.world, self.moderation),
            RolesApi(self.world, self.moderation),
            CommandsApi(self.world, self.commands),
            InteractionsApi(self.world, self.commands, self.interactions, self.posting),
            CallbacksApi(self.world, self.hub, self.interactions, self.posting),
            SandboxApi(self.world, lambda: self.accounts, self.marks),
            ScenesApi(self.scenes),
        )
        self._rest.add(app, [route for area in areas for route in area.routes()])
        app.add_routes(AuthorizePage(self.world, self._people).routes())
        app.router.add_get("/cdn/{path:.*}", self._file)
        page.add(app)
        app.router.add_get("/", self._gateway_or_page)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        bound = self._runner.addresses[0]
        self._origin = f"{host}:{bound[1]}"
        self._own_hosts = origin.own_hosts(host, bound[1])
        self.gateway.url = self.gateway_url
        self.posting.cdn = f"http://{self._origin}/cdn"

    async def stop(self) -> None:
        """End every connection and listen no more."""
        for member in self._members:
            await member.stop()
        self.interactions.close()
        await self.scenes.close()
        await self.gateway.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def member_client(self, user: User) -> MemberClient:
        """A client logged in as a user, which ends with the server."""
        client = MemberClient(self.api_base, self.gateway_url, user.token)
        await client.start()
        self._members.append(client)
        return client

    # The page

    def offer(self, user: User, about: str) -> None:
        """Let whoever opens the page be this user, whose token it is given; `about` says in a few words who that is."""
        self.accounts.append(Account(user, about))

    def mark(self, message: Message, text: str, tone: Tone) -> None:
        """Put a mark on a message, which people who see it are shown in the page and bots never; see `Marks.put`."""
        self.marks.put(message, text, tone)

    # What happens in the world of its own accord

    def post(
        self, author: User | Member, channel: Channel, content: str = "", *, files: Sequence[Upload] = (), **body: Any
    ) -> Message:
        """A message appears, whatever its author may do; `body` has further fields as the API names them."""
        user = author.user if isinstance(author, Member) else author
        return self.posting.post(user, channel, {"content": content, **body}, files)

    def invite(self, guild: Guild, application: Application, permissions: int = MODERATION_BOT) -> None:
        """Add an application's bot to a guild, and tell it."""
        self.world.invite(guild, application, permissions)
        self.hub.tell_user(application.bot, "GUILD_CREATE", guild_create(guild, application.bot, self.world))

    def fail(self, method: str, template: str, status: int = 500, **how: Any) -> None:
        """Let the next requests of a route fail; see `Fault` for `times`, `after`, `delay`, `body`, `headers`."""
        self.faults.add(Fault(method, template, status, **how))

    def _people(self) -> list[Account]:
        """Whom one may sign in as elsewhere: who is offered, or else every account that is no bot's."""
        return self.accounts or [Account(user, "") for user in self.world.users.values() if not user.bot]

    async def _file(self, request: web.Request) -> web.Response:
        attachment = self.world.files.get(request.match_info["path"])
        if attachment is None:
            raise web.HTTPNotFound
        # As a header, for the type comes from whoever posted the file and may have parameters.
        kind = attachment.content_type or "application/octet-stream"
        return web.Response(body=attachment.content, headers={"Content-Type": kind, **page.OF_FILES})

    async def _gateway_or_page(self, request: web.Request) -> web.StreamResponse:
        """A WebSocket is the gateway's; a browser that opens the bare address is sent to the page."""
        is_socket = request.headers.get("Upgrade", "").lower() == "websocket"
        return await (self.gateway.serve(request) if is_socket else page.to_page(request))
