"""SQLAlchemy tables and repositories; nothing else writes SQL."""

from bot.store.engine import StoreError
from bot.store.steps import ForgottenError, OutdatedError
from bot.store.store import Store

__all__ = ["ForgottenError", "OutdatedError", "Store", "StoreError"]
