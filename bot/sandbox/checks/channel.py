"""What Discord refuses in the bodies for channels, threads, their overwrites and roles."""

from __future__ import annotations

from typing import Any

from bot.sandbox.checks.form import Form
from bot.sandbox.model import THREADS, ChannelKind

MAX_SLOWMODE = 21_600
_KINDS = frozenset(int(one) for one in ChannelKind) - {int(one) for one in THREADS} - {int(ChannelKind.DM)}
_ARCHIVE_MINUTES = frozenset({60, 1_440, 4_320, 10_080})


def check_channel(body: dict[str, Any], *, named: bool = False) -> None:
    """Refuse a channel that is made (`named`: it needs a name) or changed, with `ApiError` 50035."""
    form = Form()
    _check_common(form, body, named=named)
    form.text(body.get("topic"), "topic", 1_024)
    if body.get("type") is not None:
        form.choice(body["type"], "type", _KINDS)
    if body.get("parent_id") is not None:
        form.snowflake(body["parent_id"], "parent_id")
    form.integer(body.get("position"), "position", 0, 2**31)
    form.flag(body.get("nsfw"), "nsfw")
    for index, one in enumerate(form.items(body.get("permission_overwrites"), "permission_overwrites", 1_000)):
        path = f"permission_overwrites.{index}"
        if form.record(one, path):
            form.snowflake(one.get("id"), f"{path}.id")
            _check_overwrite(form, f"{path}.", one)
    form.refuse()


def check_thread(body: dict[str, Any], *, named: bool = False) -> None:
    """Refuse a thread that is opened (`named`) or changed, with `ApiError` 50035."""
    form = Form()
    _check_common(form, body, named=named)
    if named and body.get("type") is not None:
        form.choice(body["type"], "type", frozenset(int(one) for one in THREADS))
    if body.get("auto_archive_duration") is not None:
        form.choice(body["auto_archive_duration"], "auto_archive_duration", _ARCHIVE_MINUTES)
    for name in ("archived", "locked", "invitable"):
        form.flag(body.get(name), name)
    form.refuse()


def check_overwrite(body: dict[str, Any]) -> None:
    """Refuse one overwrite whose id stands in the path, with `ApiError` 50035."""
    form = Form()
    _check_overwrite(form, "", body)
    form.refuse()


def check_role(body: dict[str, Any]) -> None:
    """Refuse a role that is made or changed, with `ApiError` 50035."""
    form = Form()
    form.text(body.get("name"), "name", 100)
    if body.get("permissions") is not None:
        form.snowflake(body["permissions"], "permissions")
    form.integer(body.get("color"), "color", 0, 0xFFFFFF)
    form.flag(body.get("hoist"), "hoist")
    form.flag(body.get("mentionable"), "mentionable")
    form.refuse()


def _check_common(form: Form, body: dict[str, Any], *, named: bool) -> None:
    form.text(body.get("name"), "name", 100, 1 if named or "name" in body else 0)
    form.integer(body.get("rate_limit_per_user"), "rate_limit_per_user", 0, MAX_SLOWMODE)


def _check_overwrite(form: Form, prefix: str, body: dict[str, Any]) -> None:
    form.choice(body.get("type"), f"{prefix}type", frozenset({0, 1}))
    for side in ("allow", "deny"):
        if body.get(side) is not None:
            form.snowflake(body[side], f"{prefix}{side}")
