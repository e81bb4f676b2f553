"""A stamp for each server, another after each change of what its messages are judged by; an index to claim by"""

# ruff: noqa: S608 - all names in these statements are this file's

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# What messages are judged by, but for the server's own row. A later migration that makes one of these tables anew, as
# SQLite does for some changes, has to make its triggers anew too.
_TABLES = (
    "watched_channels",
    "exemptions",
    "role_access",
    "policies",
    "place_policies",
    "policy_versions",
    "policy_calibrations",
    "learned_examples",
)
# Of a server's own row these are no settings: the pipeline writes them all the time.
_NOT_SETTINGS = ("stamp", "last_case", "left_at", "heard_until")


def upgrade() -> None:
    op.add_column("guilds", sa.Column("stamp", sa.BigInteger(), nullable=False, server_default="0"))
    op.drop_index("ix_submissions_state", "submissions")
    op.create_index("ix_submissions_state", "submissions", ["state", "guild_id", "missed", "id"])
    if op.get_bind().dialect.name == "sqlite":
        _triggers_of_sqlite()
    else:
        _triggers_of_postgresql()


def _triggers_of_sqlite() -> None:
    same = " AND ".join(f"OLD.{name} IS NEW.{name}" for name in _NOT_SETTINGS)
    op.execute(
        f"CREATE TRIGGER guilds_are_stamped AFTER UPDATE ON guilds WHEN {same} "
        "BEGIN UPDATE guilds SET stamp = random() WHERE id = NEW.id; END"
    )
    for table in _TABLES:
        for change, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            op.execute(
                f"CREATE TRIGGER {table}_stamp_on_{change.lower()} AFTER {change} ON {table} "
                f"BEGIN UPDATE guilds SET stamp = random() WHERE id = {row}.guild_id; END"
            )


def _triggers_of_postgresql() -> None:
    new = "floor(random() * 9e15)::bigint"
    same = " AND ".join(f"OLD.{name} IS NOT DISTINCT FROM NEW.{name}" for name in _NOT_SETTINGS)
    op.execute(
        "CREATE FUNCTION stamp_server() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN NEW.stamp := {new}; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER guilds_are_stamped BEFORE UPDATE ON guilds "
        f"FOR EACH ROW WHEN ({same}) EXECUTE FUNCTION stamp_server()"
    )
    op.execute(
        "CREATE FUNCTION stamp_its_server() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN "
        f"UPDATE guilds SET stamp = {new} "
        "WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.guild_id ELSE NEW.guild_id END; RETURN NULL; "
        "END $$"
    )
    for table in _TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_stamp AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION stamp_its_server()"
        )


def downgrade() -> None:
    raise RuntimeError("Lawspeaker's database is never downgraded: restore a backup instead.")
