#!/usr/bin/env bash
# Installs Debian's PostgreSQL where it is missing, starts it on loopback and prints the URL of a test database.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
{
  if ! command -v pg_ctlcluster >/dev/null; then
    apt-get update -q
    apt-get install -y -q postgresql
  fi
  read -r version cluster port _ < <(pg_lsclusters --no-header | head -n 1)
  pg_ctlcluster "$version" "$cluster" start || true
  for _ in $(seq 60); do
    runuser -u postgres -- pg_isready -q -p "$port" && break
    sleep 0.5
  done
  runuser -u postgres -- psql -q -p "$port" -v ON_ERROR_STOP=1 <<'SQL'
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'lawspeaker') THEN
    CREATE ROLE lawspeaker LOGIN PASSWORD 'lawspeaker';
  END IF;
END $$;
SELECT 'CREATE DATABASE lawspeaker_test OWNER lawspeaker'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'lawspeaker_test')
\gexec
SQL
  runuser -u postgres -- psql -q -p "$port" -d lawspeaker_test -c 'ALTER SCHEMA public OWNER TO lawspeaker'
} >&2
echo "postgresql+asyncpg://lawspeaker:lawspeaker@127.0.0.1:${port}/lawspeaker_test"
