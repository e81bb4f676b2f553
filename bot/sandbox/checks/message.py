"""What Discord refuses in the body of a message that is sent or edited."""

from __future__ import annotations

from typing import Any

from bot.sandbox.checks.components import IS_COMPONENTS_V2, check_components, check_components_v2, check_emoji, walk
from bot.sandbox.checks.embeds import check_embeds
from bot.sandbox.checks.form import Form, is_integer
from bot.sandbox.errors import ApiError

MAX_CONTENT = 2_000
MAX_NONCE = 25
MAX_ATTACHMENTS = 10
_FORWARD = 1
_SUBSTANCE = ("content", "embeds", "attachments", "sticker_ids", "poll", "components")


def check_message(payload: dict[str, Any], *, editing: bool = False) -> None:
    """Refuse a message's body that Discord would refuse.

    `payload` is the JSON body (of a multipart request, its `payload_json`, which names the files under
    `attachments`). While `editing`, absent fields are unchanged, so an empty body is right; call `refuse_empty` on the
    outcome. Raises `ApiError` 50035 with Discord's tree of errors, or 50006 for a message with nothing in it.
    """
    form = Form()
    form.text(payload.get("content"), "content", MAX_CONTENT)
    _check_nonce(form, payload.get("nonce"))
    check_embeds(form, payload.get("embeds"))
    _check_attachments(form, payload.get("attachments"))
    form.items(payload.get("sticker_ids"), "sticker_ids", 3)
    _check_allowed_mentions(form, payload.get("allowed_mentions"))
    _check_poll(form, payload.get("poll"))
    _check_reference(form, payload.get("message_reference"))
    flags = payload.get("flags")
    if form.integer(flags, "flags", 0, 2**53) and flags & IS_COMPONENTS_V2:
        for field in ("content", "embeds", "poll", "sticker_ids"):
            if payload.get(field):
                form.wrong(
                    field,
                    "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                    f"The '{field}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
                )
        check_components_v2(form, payload.get("components"))
    elif editing and any(_only_v2(one) for one in walk(payload.get("components"))):
        # The flag stays with a message once set, so an edit need not send it again.
        check_components_v2(form, payload.get("components"))
    else:
        check_components(form, payload.get("components"))
    form.refuse()
    if not editing:
        refuse_empty(payload)


def refuse_empty(message: dict[str, Any]) -> None:
    """Refuse a message with nothing in it (50006). A forward has its substance in what it refers to."""
    reference = message.get("message_reference")
    if isinstance(reference, dict) and reference.get("type") == _FORWARD:
        return
    content = message.get("content")
    blank = isinstance(content, str) and not content.strip()
    if blank and not any(message.get(field) for field in _SUBSTANCE[1:]):
        raise ApiError(400, 50006, "Cannot send an empty message")
    if not any(message.get(field) for field in _SUBSTANCE):
        raise ApiError(400, 50006, "Cannot send an empty message")


def _only_v2(component: dict[str, Any]) -> bool:
    return is_integer(component.get("type")) and component["type"] >= 9


def _check_attachments(form: Form, attachments: Any) -> None:
    for index, entry in enumerate(form.items(attachments, "attachments", MAX_ATTACHMENTS)):
        path = f"attachments.{index}"
        if form.record(entry, path):
            form.snowflake(entry.get("id"), f"{path}.id")
            form.text(entry.get("filename"), f"{path}.filename", 1_024)
            form.text(entry.get("description"), f"{path}.description", 1_024)


def _check_reference(form: Form, reference: Any) -> None:
    if reference is None or not form.record(reference, "message_reference"):
        return
    form.snowflake(reference.get("message_id"), "message_reference.message_id")
    for field in ("channel_id", "guild_id"):
        if reference.get(field) is not None:
            form.snowflake(reference[field], f"message_reference.{field}")
    if reference.get("type") is not None:
        form.choice(reference["type"], "message_reference.type", frozenset({0, _FORWARD}))
    form.flag(reference.get("fail_if_not_exists"), "message_reference.fail_if_not_exists")


def _check_nonce(form: Form, nonce: Any) -> None:
    if nonce is not None and not is_integer(nonce):
        form.text(nonce, "nonce", MAX_NONCE)


def _check_allowed_mentions(form: Form, mentions: Any) -> None:
    if mentions is None or not form.record(mentions, "allowed_mentions"):
        return
    parse = form.items(mentions.get("parse"), "allowed_mentions.parse", 3)
    for index, kind in enumerate(parse):
        form.choice(kind, f"allowed_mentions.parse.{index}", frozenset({"everyone", "roles", "users"}))
    for kind in ("roles", "users"):
        ids = form.items(mentions.get(kind), f"allowed_mentions.{kind}", 100)
        for index, one in enumerate(ids):
            form.snowflake(one, f"allowed_mentions.{kind}.{index}")
        if ids and kind in parse:
            message = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            form.wrong("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)
    form.flag(mentions.get("replied_user"), "allowed_mentions.replied_user")


def _check_poll(form: Form, poll: Any) -> None:
    if poll is None or not form.record(poll, "poll"):
        return
    question = poll.get("question")
    if form.record(question, "poll.question"):
        form.text(question.get("text"), "poll.question.text", 300, 1)
    for index, answer in enumerate(form.items(poll.get("answers"), "poll.answers", 10, 1)):
        path = f"poll.answers.{index}.poll_media"
        media = answer.get("poll_media") if isinstance(answer, dict) else None
        if form.record(media, path):
            form.text(media.get("text"), f"{path}.text", 55, 0 if media.get("emoji") else 1)
            check_emoji(form, f"{path}.emoji", media.get("emoji"))
    form.integer(poll.get("duration"), "poll.duration", 1, 32 * 24)
    form.flag(poll.get("allow_multiselect"), "poll.allow_multiselect")
