"""The migrations and the tables say the same, on SQLite and on PostgreSQL."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from bot.store import Store
from bot.store.engine import make_engine
from bot.store.tables import Base


def _is_of_one_database(name: str | None) -> bool:
    """What looks for words: tables of FTS5 on SQLite, an index on PostgreSQL: see test_case_text.py."""
    return name is not None and (name.split("_")[:2] == ["case", "words"] or name == "ix_case_index_words")


async def test_the_migrations_make_exactly_the_tables_that_the_code_knows(store: Store) -> None:
    def differences(connection: Connection) -> list[object]:
        opts = {"compare_type": True, "include_object": lambda _, name, *__: not _is_of_one_database(name)}
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, Base.metadata))

    engine = make_engine(store.url)
    try:
        async with engine.connect() as connection:
            assert await connection.run_sync(differences) == []
    finally:
        await engine.dispose()
