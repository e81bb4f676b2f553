"""What the page for signing in elsewhere looks like: plain HTML, no script. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import urlsplit

from bot.sandbox.model import User
from bot.sandbox.oauth.grants import Asked
from bot.sandbox.rest.sandbox import Account

_LETS = {
    "identify": "know your name and picture",
    "guilds": "know which servers you are in",
}


def asking_page(asked: Asked, accounts: Sequence[Account], chosen: User | None, query: str, style: str) -> str:
    """The page that asks; `chosen` is the account that is ticked, `query` what the answer is sent along with."""
    ticked = chosen or next((one.user for one in accounts), None)
    people = "".join(_account(one, one.user is ticked) for one in accounts)
    lets = "".join(f"<li>{escape(_LETS[scope])}</li>" for scope in sorted(asked.scopes))
    name, home = escape(asked.application.name), escape(urlsplit(asked.redirect_uri).netloc)
    return _page(
        f"Authorize {name}",
        f"""<form method="post" action="?{escape(query)}">
<p class="who"><span class="avatar" aria-hidden="true">{escape(asked.application.name[:1].upper())}</span></p>
<h1><strong>{name}</strong> wants to access your account</h1>
<p class="hint">This is the sandbox: no account here is anybody’s.</p>
<fieldset><legend>Sign in as</legend>{people}</fieldset>
<h2>This will let {name}</h2>
<ul>{lets}</ul>
<p class="hint">Afterwards you go to <strong>{home}</strong>.</p>
<p class="answers"><button name="answer" value="cancel" class="cancel">Cancel</button>
<button name="answer" value="authorize">Authorize</button></p>
</form>""",
        style,
    )


def refusing_page(sentence: str, style: str) -> str:
    """The page that says why nothing is asked."""
    return _page("Error", f'<h1>This cannot be done</h1><p role="alert">{escape(sentence)}</p>', style)


def _account(account: Account, is_ticked: bool) -> str:
    user = account.user
    ticked = " checked" if is_ticked else ""
    name = user.global_name or user.name
    return (
        f'<label><input type="radio" name="account" value="{user.id}" required{ticked}>'
        f'<span class="avatar" aria-hidden="true">{escape(name[:1].upper())}</span>'
        f'<span class="person"><strong>{escape(name)}</strong> '
        f'<span class="handle">{escape(account.about or user.name)}</span></span></label>'
    )


def _page(title: str, body: str, style: str) -> str:
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · Sandbox</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{style}">
</head>
<body><main>{body}</main></body>
</html>
"""
