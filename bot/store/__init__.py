"""SQLAlchemy tables and repositories; nothing else writes SQL."""

from bot.store.engine import StoreError
from bot.store.store import Store

__all__ = ["Store", "StoreError"]
