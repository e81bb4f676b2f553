"""SQLAlchemy tables and repositories; nothing else writes SQL."""

from bot.store.engine import StoreError
from bot.store.journal import ForgottenError
from bot.store.store import Store

__all__ = ["ForgottenError", "Store", "StoreError"]
