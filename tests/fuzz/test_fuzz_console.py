"""What browsers and Discord send to the console when somebody signs in: each is taken, or refused in one sentence."""

from __future__ import annotations

from random import Random
from typing import Any
from urllib.parse import urljoin, urlsplit

from aiohttp.test_utils import make_mocked_request

from bot.discord_io.refusal import RefusedError
from bot.web.console.attempts import HOME, own_path
from bot.web.console.called import Candidate, folded, id_in, meant, on_one_line
from bot.web.console.case_query import CaseQuery
from bot.web.console.discord_oauth import LONGEST_NAME, Identity, SignInError, identity_of
from bot.web.console.guard import LOOPBACK, is_own_host
from bot.web.console.numbers import LARGEST_ID
from bot.web.console.rate import Rate, RateLimit, address_of
from tests.fuzz.inputs import is_one_sentence, tried
from tests.fuzz.makers import texts
from tests.odd import broken

PATHS = (
    *(
        "/console/",
        "/console",
        "/",
        "//",
        "\\",
        "/\\",
        "..",
        ".",
        "%2e",
        "%5c",
        "%00",
        "@",
        ":",
        "?",
        "#",
        "&",
        "=",
        ";",
    ),
    *("https:", "http://", "javascript:", "evil.example", "servers/1/now", "sign-in", "sign-out", " ", "\t", "\r\n"),
    *("\x00", "é", "\u2028", "ⓔ", "1", "a" * 600),
)
SOME_ID = 812345678901234567
NAMES = (
    "@",
    "Bo",
    "bo",
    " ",
    "\n",
    "(",
    ")",
    "<@",
    ">",
    "!",
    str(SOME_ID),
    f" ({SOME_ID})",
    "٣",
    "\u200b",
    "Ｂｏ",
    "İ",
    "ß",
    "\x00",
)
HOSTS = (
    "127.0.0.1",
    "localhost",
    "[::1]",
    "::1",
    ":",
    "80",
    "@",
    "evil.example",
    ".",
    "/",
    "\\",
    "[",
    "]",
    "%",
    "é",
    "?",
)
ADDRESSES = ("127.0.0.1", "::1", "::ffff:", "192.0.2.7", "2001:db8::1", ",", " ", "%eth0", ":80", "[", "x", "9" * 50)
USER = {"id": "17", "username": "ann", "global_name": "Ann", "bot": False}


def answer(random: Random) -> Any:
    return broken(USER, random)


@tried(wanted=texts(PATHS, 8))
def test_after_signing_in_one_is_on_a_page_of_the_console_whatever_was_asked_for(wanted: str) -> None:
    path = own_path(wanted)
    assert path in (wanted, HOME)
    arrived = urlsplit(urljoin("https://mod.example/console/signed-in", path))
    assert (arrived.scheme, arrived.netloc) == ("https", "mod.example")
    assert arrived.path.startswith("/console/")
    assert not arrived.path.startswith("/console/sign")


@tried(host=texts(HOSTS, 6))
def test_a_name_is_our_own_or_it_is_not(host: str) -> None:
    if is_own_host(host, LOOPBACK):
        assert urlsplit(f"//{host}").hostname in LOOPBACK


@tried(soak=10_000, forwarded=texts(ADDRESSES, 6))
def test_wherever_a_request_says_it_comes_from_it_is_counted(forwarded: str) -> None:
    headers = {"X-Forwarded-For": forwarded.encode("utf-8", "replace").decode()}
    request = make_mocked_request("GET", "/", headers=headers).clone(remote="127.0.0.1")
    limit = RateLimit(Rate(1, 1.0), lambda: 0.0)
    assert limit.wait(address_of(request)) == 0.0
    assert limit.wait(address_of(request)) == 1.0


@tried(given=texts(NAMES, 6), shown=texts(NAMES, 6), account=texts(NAMES, 3))
def test_whoever_is_written_is_somebody_who_bears_the_name_or_it_is_said_that_nobody_is(
    given: str, shown: str, account: str
) -> None:
    people = [
        Candidate(SOME_ID + place, on_one_line(name), on_one_line(of))
        for place, (name, of) in enumerate(((shown, account), (account, shown), (given, "")))
    ]
    query = CaseQuery.read({"member": given})
    if (known := id_in(query.member)) is not None:
        assert 0 <= known <= LARGEST_ID
        return
    try:
        found = meant(query.member, people)
    except RefusedError as error:
        is_one_sentence(error)
    else:
        assert folded(query.member) in found.names
        assert id_in(found.written) == found.id


@tried(told=answer)
def test_whoever_discord_says_it_is_has_an_id_and_a_name_or_nobody_is_signed_in(told: Any) -> None:
    try:
        who = identity_of(told)
    except SignInError as error:
        is_one_sentence(error)
    else:
        assert isinstance(who, Identity)
        assert 0 <= who.user_id < 10**20
        assert 0 < len(who.name) <= LONGEST_NAME
