"""Discord's limits on embeds (its documentation, "Embed Limits")."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.sandbox.checks.form import Form

MAX_EMBEDS = 10
MAX_TOTAL = 6_000


def check_embeds(form: Form, embeds: Any) -> None:
    """Check the embeds of a message, and the characters over all of them."""
    total = 0
    for index, embed in enumerate(form.items(embeds, "embeds", MAX_EMBEDS)):
        path = f"embeds.{index}"
        if form.record(embed, path):
            total += _check_embed(form, path, embed)
    if total > MAX_TOTAL:
        form.wrong("embeds", "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {MAX_TOTAL}")


def _check_embed(form: Form, path: str, embed: dict[str, Any]) -> int:
    """Check one embed; give the number of its characters that count towards the total."""
    texts: list[tuple[str, Any, int, int]] = [
        ("title", embed.get("title"), 256, 0),
        ("description", embed.get("description"), 4_096, 0),
    ]
    for part, key, high in (("footer", "text", 2_048), ("author", "name", 256)):
        if embed.get(part) is not None and form.record(embed[part], f"{path}.{part}"):
            texts.append((f"{part}.{key}", embed[part].get(key), high, 1))
    for index, field in enumerate(form.items(embed.get("fields"), f"{path}.fields", 25)):
        if form.record(field, f"{path}.fields.{index}"):
            form.flag(field.get("inline"), f"{path}.fields.{index}.inline")
            texts.append((f"fields.{index}.name", field.get("name"), 256, 1))
            texts.append((f"fields.{index}.value", field.get("value"), 1_024, 1))
    for part in ("image", "thumbnail"):
        if embed.get(part) is not None and form.record(embed[part], f"{path}.{part}"):
            form.text(embed[part].get("url"), f"{path}.{part}.url", 2_048, 1)
            check_url(form, f"{path}.{part}.url", embed[part].get("url"))
    form.integer(embed.get("color"), f"{path}.color", 0, 0xFFFFFF)
    check_url(form, f"{path}.url", embed.get("url"))
    check_time(form, f"{path}.timestamp", embed.get("timestamp"))
    return sum(len(value) for name, value, high, low in texts if form.text(value, f"{path}.{name}", high, low))


def check_url(form: Form, path: str, url: Any) -> None:
    """Check an address: absent, or http, https or discord, and not over 2,048 characters."""
    if form.text(url, path, 2_048) and not url.startswith(("http://", "https://", "discord://", "attachment://")):
        form.wrong(path, "URL_TYPE_INVALID_SCHEME", "Scheme must be one of ('http', 'https', 'discord').")


def check_time(form: Form, path: str, value: Any) -> datetime | None:
    """Check a time in ISO 8601 and give it back; absent (None) is right, and without a zone it is UTC."""
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        form.wrong(path, "DATE_TIME_TYPE_PARSE", f"Could not parse {str(value)[:100]!r}. Should be ISO8601.")
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
