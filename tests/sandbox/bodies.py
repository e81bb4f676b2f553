"""A right body for every route of the sandbox that takes one; names in braces stand for ids of a scene."""

from __future__ import annotations

from typing import Any

EMBED = {
    "title": "t",
    "description": "d",
    "url": "https://example.org",
    "color": 1,
    "timestamp": "2024-01-01T00:00:00+00:00",
    "author": {"name": "a", "url": "https://example.org"},
    "footer": {"text": "f"},
    "image": {"url": "https://example.org/i.png"},
    "fields": [{"name": "n", "value": "v", "inline": True}],
}
ROWS = [
    {"type": 1, "components": [{"type": 2, "style": 1, "label": "Yes", "custom_id": "yes", "emoji": {"name": "x"}}]},
    {"type": 1, "components": [{"type": 3, "custom_id": "pick", "options": [{"label": "A", "value": "a"}]}]},
    {"type": 1, "components": [{"type": 8, "custom_id": "where", "channel_types": [0], "min_values": 0}]},
]
V2 = [
    {
        "type": 9,
        "components": [{"type": 10, "content": "x"}],
        "accessory": {"type": 11, "media": {"url": "https://e.x"}},
    },
    {
        "type": 17,
        "components": [{"type": 12, "items": [{"media": {"url": "https://e.x"}}]}, {"type": 14, "spacing": 1}],
    },
]
MESSAGE = {
    "content": "hi <@1>",
    "nonce": "n",
    "enforce_nonce": True,
    "flags": 4,
    "embeds": [EMBED],
    "components": ROWS,
    "attachments": [{"id": "0", "filename": "a.txt", "description": "d"}],
    "allowed_mentions": {"parse": ["roles"], "users": ["1"], "replied_user": True},
    "message_reference": {"message_id": "{message_id}", "channel_id": "{channel_id}", "type": 0},
    "poll": {
        "question": {"text": "q"},
        "answers": [{"poll_media": {"text": "a", "emoji": {"name": "x"}}}],
        "duration": 1,
        "allow_multiselect": True,
    },
}
COMMAND = {
    "name": "do",
    "description": "d",
    "type": 1,
    "default_member_permissions": "8",
    "contexts": [0],
    "name_localizations": {"de": "tu"},
    "options": [
        {
            "type": 2,
            "name": "group",
            "description": "d",
            "options": [
                {
                    "type": 1,
                    "name": "sub",
                    "description": "d",
                    "options": [
                        {"type": 3, "name": "a", "description": "d", "choices": [{"name": "a", "value": "a"}]},
                        {"type": 4, "name": "b", "description": "d", "min_value": 1, "max_value": 2},
                        {"type": 7, "name": "c", "description": "d", "channel_types": [0]},
                    ],
                }
            ],
        }
    ],
}
MODAL = {
    "custom_id": "m",
    "title": "t",
    "components": [
        {"type": 1, "components": [{"type": 4, "custom_id": "text", "style": 1, "label": "l", "max_length": 5}]},
        {
            "type": 18,
            "label": "l",
            "component": {"type": 3, "custom_id": "pick", "options": [{"label": "A", "value": "a"}]},
        },
    ],
}
OVERWRITES = [{"id": "{guild_id}", "type": 0, "allow": "0", "deny": "2048"}]
USED = {
    "type": 2,
    "application_id": "{application_id}",
    "guild_id": "{guild_id}",
    "channel_id": "{channel_id}",
    "session_id": "s",
    "nonce": "n",
}
CHANNEL = "/channels/{channel_id}"
GUILD = "/guilds/{guild_id}"
COMMANDS = "/applications/{application_id}/guilds/{guild_id}/commands"
OPTIONS = [
    {"type": 3, "name": "a", "value": "a"},
    {"type": 4, "name": "b", "value": 1},
    {"type": 7, "name": "c", "value": "{channel_id}"},
    {"type": 9, "name": "e", "value": "{member_id}"},
    {"type": 10, "name": "f", "value": 1.5},
]
SLASH = {"id": "{command_id}", "version": "{version}", "name": "use", "type": 1, "options": OPTIONS}
Request = tuple[str, str, str, Any]
"""Who sends it (a token's name), its method, path and body."""

REQUESTS: list[Request] = [
    ("bot", "POST", f"{CHANNEL}/messages", MESSAGE),
    ("bot", "POST", f"{CHANNEL}/messages", {"flags": 1 << 15, "components": V2}),
    ("bot", "PATCH", f"{CHANNEL}/messages/{{message_id}}", {**MESSAGE, "message_reference": None}),
    ("bot", "POST", f"{CHANNEL}/messages/bulk-delete", {"messages": ["{message_id}", "{reply_id}"]}),
    ("bot", "POST", f"{CHANNEL}/threads", {"name": "t", "type": 11, "auto_archive_duration": 60}),
    ("bot", "POST", f"{CHANNEL}/messages/{{message_id}}/threads", {"name": "t", "rate_limit_per_user": 1}),
    ("bot", "PATCH", "/channels/{thread_id}", {"archived": False, "locked": False, "auto_archive_duration": 60}),
    ("bot", "PATCH", "/channels/{log_id}", {"name": "x", "topic": "t", "permission_overwrites": OVERWRITES, "type": 0}),
    ("bot", "PUT", f"{CHANNEL}/permissions/{{guild_id}}", {"type": 0, "allow": "0", "deny": "0"}),
    (
        "bot",
        "POST",
        f"{GUILD}/channels",
        {"name": "x", "type": 0, "parent_id": None, "permission_overwrites": OVERWRITES},
    ),
    ("bot", "POST", "/users/@me/channels", {"recipient_id": "{member_id}"}),
    (
        "bot",
        "PATCH",
        f"{GUILD}/members/{{member_id}}",
        {"nick": "n", "roles": ["{role_id}"], "communication_disabled_until": "2024-01-01T00:00:00+00:00"},
    ),
    ("bot", "PUT", f"{GUILD}/bans/{{other_id}}", {"delete_message_seconds": 1}),
    ("bot", "PUT", COMMANDS, [COMMAND]),
    ("bot", "POST", COMMANDS, COMMAND),
    ("bot", "PATCH", f"{COMMANDS}/{{command_id}}", {key: COMMAND[key] for key in ("description", "options")}),
    ("member", "POST", "/interactions", {**USED, "data": SLASH}),
    (
        "member",
        "POST",
        "/interactions",
        {**USED, "type": 4, "data": {**SLASH, "options": [{**OPTIONS[0], "focused": True}]}},
    ),
    (
        "member",
        "POST",
        "/interactions",
        {
            **USED,
            "type": 3,
            "message_id": "{message_id}",
            "data": {"component_type": 3, "custom_id": "pick", "values": ["a"]},
        },
    ),
    (
        "member",
        "POST",
        "/interactions",
        {
            **USED,
            "type": 5,
            "data": {
                "id": "{modal_id}",
                "custom_id": "m",
                "components": [
                    {"type": 1, "components": [{"type": 4, "custom_id": "text", "value": "x"}]},
                    {"type": 18, "component": {"type": 3, "custom_id": "pick", "values": ["a"]}},
                ],
            },
        },
    ),
    *(
        ("", "POST", "/interactions/{interaction_id}/{interaction_token}/callback?with_response=1", body)
        for body in (
            {"type": 4, "data": MESSAGE},
            {"type": 5, "data": {"flags": 64}},
            {"type": 7, "data": MESSAGE},
            {"type": 9, "data": MODAL},
        )
    ),
    (
        "",
        "POST",
        "/interactions/{typing_id}/{typing_token}/callback",
        {"type": 8, "data": {"choices": [{"name": "a", "value": "a"}]}},
    ),
    ("", "POST", "/webhooks/{application_id}/{answered_token}", MESSAGE),
    ("", "PATCH", "/webhooks/{application_id}/{answered_token}/messages/@original", MESSAGE),
]
