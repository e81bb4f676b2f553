"""A browser without a window for tests of the console: it keeps cookies and brings each page's token back."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import MappingProxyType

import aiohttp
from yarl import URL

from bot.sandbox.model import User
from bot.web.console.keeping import COOKIE
from bot.web.console.sessions import Session
from tests.stage import Scene


def words_of(source: str) -> str:
    """What can be read, without markup."""
    return html.unescape(" ".join(re.sub(r"<[^>]*>", " ", source).split()))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser got: a status, what is shown, where it came from, and where it sends to."""

    status: int
    text: str
    address: URL
    headers: Mapping[str, str]

    def __contains__(self, part: str) -> bool:
        """Whether something stands in it as it is written, with its entities."""
        return part in self.text

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    @property
    def path(self) -> str:
        """The path below a server's."""
        return re.sub(r"^/console/servers/\d+/", "", self.address.path_qs)

    @property
    def words(self) -> str:
        """What can be read on the page, or on the part of one, without what stands at the head of all."""
        before, main, behind = self.text.partition("<main")
        return words_of(main + behind if main else before)

    @property
    def token(self) -> str:
        """The token that the page's forms bring back."""
        assert self.token_if_any, self.text
        return self.token_if_any

    @property
    def token_if_any(self) -> str:
        """The same; nothing where the page has none."""
        found = re.search(r'X-CSRF-Token": "([\w-]+)"', self.text)
        return found[1] if found else ""

    def field(self, name: str) -> str:
        """The value of a hidden field."""
        found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', self.text)
        assert found is not None, name
        return html.unescape(found[1])

    def cell(self, name: str) -> list[str]:
        """The words of the cells of a class."""
        return [words_of(one) for one in re.findall(rf'<td[^>]*class="{name}[^"]*">(.*?)</td>', self.text, re.DOTALL)]

    def has_form(self, action: str) -> bool:
        """Whether a form is offered that is sent to an address that ends so."""
        return re.search(rf'action="[^"]*/{re.escape(action)}"', self.text) is not None


@dataclass(slots=True)
class Browser:
    """A browser with cookies of its own, at the console of this address; it goes nowhere by itself."""

    address: str
    http: aiohttp.ClientSession = field(
        default_factory=lambda: aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
    )

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.ask("GET", path, None, **headers)

    async def post(self, path: str, form: Mapping[str, str] | None = None, **headers: str) -> Answer:
        return await self.ask("POST", path, form or {}, **headers)

    async def ask(self, method: str, path: str, form: Mapping[str, str] | None = None, **headers: str) -> Answer:
        url = path if "://" in path else self.address + path
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.http.request(method, url, data=form, headers=named, allow_redirects=False) as got:
            return Answer(got.status, await got.text(), got.url, dict(got.headers))

    async def led(self, answer: Answer, **headers: str) -> Answer:
        """Where an answer sends to in the end."""
        for _ in range(10):
            if answer.status not in {302, 303}:
                break
            answer = await self.get(str(answer.address.join(URL(answer.location))), **headers)
        return answer

    def cookie(self, name: str = COOKIE) -> str:
        return next((one.value for one in self.http.cookie_jar if one.key == name), "")

    def bring(self, session: Session | str) -> None:
        """Bring a session along, whoever it belongs to."""
        value = session if isinstance(session, str) else session.id
        self.http.cookie_jar.update_cookies({COOKIE: value}, URL(self.address))

    async def leave(self, wanted: str = "") -> str:
        """Off to Discord: the address there."""
        sent = await self.get(f"/console/sign-in/discord?next={wanted}")
        assert sent.status == 303, sent.text
        return sent.location

    async def agree(self, there: str, user: User) -> str:
        """Agree on the page there: the address one is sent back to."""
        sent = await self.ask("POST", there, {"answer": "authorize", "account": str(user.id)})
        assert sent.status == 302, sent.text
        return sent.location

    async def sign_in(self, user: User, wanted: str = "") -> Answer:
        """The whole way; what one gets at its end."""
        return await self.get(await self.agree(await self.leave(wanted), user))

    async def close(self) -> None:
        await self.http.close()


@dataclass(slots=True)
class Pages:
    """A server's pages in a browser that is led on, and sends what is typed with the token of the page before it."""

    browser: Browser
    scene: Scene
    language: str = ""
    status: int = 0
    """Of the last answer."""
    _token: str = field(default="", repr=False)

    async def get(self, path: str, headers: Mapping[str, str] = MappingProxyType({}), **query: str) -> Answer:
        """A page below the server's."""
        address = URL(self._at(path), encoded=True)
        asked = str(address.update_query(query)) if query else str(address)
        return self._read(await self._led(await self.browser.get(asked, **self._spoken(), **headers)))

    async def send(self, path: str, **fields: object) -> Answer:
        """A form as it is sent without scripts, with the session's token."""
        return await self.send_without_token(path, csrf=await self._brought(), **fields)

    async def send_without_token(self, path: str, **fields: object) -> Answer:
        """A form as it is given."""
        return self._read(await self._led(await self.browser.post(self._at(path), _form(fields), **self._spoken())))

    async def post(self, path: str, **fields: object) -> Answer:
        """A form as htmx sends it, which takes a part of the page; names may have a colon, which stands as `__`."""
        named = {name.replace("__", ":"): value for name, value in fields.items()}
        headers = {"HX-Request": "true", "X-CSRF-Token": await self._brought(), **self._spoken()}
        return self._read(await self._led(await self.browser.post(self._at(path), _form(named), **headers)))

    async def _brought(self) -> str:
        if not self._token:
            await self.get("")
        return self._token

    async def _led(self, answer: Answer) -> Answer:
        return await self.browser.led(answer, **self._spoken())

    def _read(self, answer: Answer) -> Answer:
        self.status = answer.status
        self._token = answer.token_if_any or self._token
        return answer

    def _spoken(self) -> dict[str, str]:
        return {"Accept-Language": self.language} if self.language else {}

    def _at(self, path: str) -> str:
        return f"{self.browser.address}/console/servers/{self.scene.guild.id}/{path}"


def _form(fields: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in fields.items()}


@asynccontextmanager
async def operator(scene: Scene) -> AsyncIterator[Pages]:
    """Whoever sits at the bot's machine, on the console of the running bot."""
    browser = Browser(f"http://127.0.0.1:{scene.stage.trial.app.web.port}")
    try:
        yield Pages(browser, scene)
    finally:
        await browser.close()
