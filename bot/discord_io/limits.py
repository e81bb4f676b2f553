"""Discord's limits, which the library does not check (from Discord's documentation)."""

from __future__ import annotations

CONTENT = 2_000
EMBED_TITLE = 256
EMBED_DESCRIPTION = 4_096
EMBED_FIELD_NAME = 256
EMBED_FIELD_VALUE = 1_024
EMBED_FOOTER = 2_048
EMBED_TOTAL = 6_000
MODAL_TITLE = 45
MODAL_INPUT = 4_000
PLACEHOLDER = 100
BUTTON_LABEL = 80
CUSTOM_ID = 100
CHOICE_NAME = 100
AUDIT_REASON = 512
# Of a server without boosts, each file.
FILE_BYTES = 10 * 1024 * 1024


def clip(text: str, most: int) -> str:
    """`text` in at most `most` characters, with an ellipsis where something was cut."""
    return text if len(text) <= most else text[: max(most - 1, 0)] + "…"[:most]


def audit_reason(text: str) -> str:
    """A reason for the audit log: Discord counts it after URL-encoding, so it is kept to plain ASCII."""
    plain = "".join(char if " " <= char <= "~" else "?" for char in text)
    # A percent-encoded ASCII character takes three: a third of the limit always fits.
    return clip(plain, AUDIT_REASON // 3).replace("…", "~")
