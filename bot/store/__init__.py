"""SQLAlchemy tables and repositories; nothing else writes SQL."""
