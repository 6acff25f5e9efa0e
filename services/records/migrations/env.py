"""Alembic's way in."""

from chassis.migrate import run_env
from services.records.schema import metadata

run_env(metadata)
