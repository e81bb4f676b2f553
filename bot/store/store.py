"""The store: one engine and the repositories over it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from bot.store.appeals import AppealRepository
from bot.store.at_once import AtOnce
from bot.store.audit import AuditRepository
from bot.store.calibrations import CalibrationRepository
from bot.store.cases import CaseRepository
from bot.store.casesearch import CaseSearch
from bot.store.chain import Appender
from bot.store.chain_check import ChainCheck
from bot.store.chain_key import KeyFile
from bot.store.chain_posts import HeadPostRepository
from bot.store.chain_watch import WatchedSession
from bot.store.condition import Condition
from bot.store.content_keys import read_seal
from bot.store.departures import Departures
from bot.store.disclosure import Disclosure
from bot.store.engine import make_engine
from bot.store.erasure import Erasure
from bot.store.figures import FigureRepository
from bot.store.guilds import GuildRepository
from bot.store.indexing import Indexing
from bot.store.journal import JournalRepository
from bot.store.lacks import LackRepository
from bot.store.learned import LearnedRepository
from bot.store.policies import PolicyRepository
from bot.store.presence import Presence
from bot.store.reports import ReportRepository
from bot.store.retention import Retention
from bot.store.reviews import ReviewRepository
from bot.store.samples import SampleRepository
from bot.store.schema import check
from bot.store.sealed_columns import give_seal
from bot.store.sealing import Sealing
from bot.store.sessions import Sessions
from bot.store.stamps import StampRepository
from bot.store.standing import StandingRepository
from bot.store.waiting import WaitingCases


class Store:
    """Everything that is kept. Safe for use by many tasks of one event loop."""

    def __init__(self, url: str, chain_key: Path | None = None, content_key: Path | None = None) -> None:
        """Open nothing but the content key yet; StoreError where the URL or the key is unusable.

        `chain_key` is the file with the chain's key, beside a SQLite database unless given. `content_key` is the file
        with the keys under which members' words are sealed; they are not sealed unless it is given.
        """
        self.url = url
        seal = read_seal(content_key)
        self._engine: AsyncEngine = make_engine(url)
        give_seal(self._engine, seal)
        key = KeyFile(url, chain_key)
        writing = self._engine.execution_options(writes=True)
        self.condition = Condition(writing)
        self._at_once = AtOnce(self._engine, seal)
        sessions = Sessions(
            async_sessionmaker(self._engine, expire_on_commit=False),
            async_sessionmaker(writing, expire_on_commit=False, sync_session_class=WatchedSession),
            Appender(key),
            self.condition.watching,
            self._at_once,
        )
        self.guilds = GuildRepository(sessions)
        self.stamps = StampRepository(sessions)
        self.policies = PolicyRepository(sessions)
        self.calibrations = CalibrationRepository(sessions)
        self.journal = JournalRepository(sessions)
        self.cases = CaseRepository(sessions)
        self.search = CaseSearch(sessions)
        self.reviews = ReviewRepository(sessions)
        self.waiting = WaitingCases(sessions)
        self.appeals = AppealRepository(sessions)
        self.lacks = LackRepository(sessions)
        self.learned = LearnedRepository(sessions)
        self.audit = AuditRepository(sessions)
        self.figures = FigureRepository(sessions)
        self.samples = SampleRepository(sessions)
        self.standing = StandingRepository(sessions)
        self.reports = ReportRepository(sessions)
        self.retention = Retention(sessions)
        self.departures = Departures(sessions)
        self.presence = Presence(sessions)
        self.disclosure = Disclosure(sessions)
        self.erasure = Erasure(sessions, url)
        self.indexing = Indexing(sessions, seal)
        self.sealing = Sealing(sessions, url, seal, self.indexing)
        self.chain = ChainCheck(self._engine)
        self.chain_key = key
        self.head_posts = HeadPostRepository(sessions)

    async def check_schema(self) -> None:
        """StoreError where the database is not migrated, or from a newer version."""
        await check(self.url)

    async def close(self) -> None:
        """Close every connection."""
        await self._at_once.close()
        await self._engine.dispose()
