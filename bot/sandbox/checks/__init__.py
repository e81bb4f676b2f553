"""What Discord refuses in the bodies a bot sends; pure. Everything raises `bot.sandbox.errors.ApiError`."""

from __future__ import annotations

from bot.sandbox.checks.message import check_message, refuse_empty
from bot.sandbox.checks.modal import check_modal

__all__ = ["check_message", "check_modal", "refuse_empty"]
