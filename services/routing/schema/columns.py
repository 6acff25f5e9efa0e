"""Columns that the tables of routing are made of."""

from sqlalchemy import Column, DateTime, MetaData, Text, text
from sqlalchemy.dialects.postgresql import UUID

from chassis.schema import chassis_tables

metadata = MetaData()
chassis_tables(metadata)


def uuid_column(name: str) -> Column[object]:
    return Column(name, UUID(as_uuid=True), nullable=False)


def text_column(name: str) -> Column[object]:
    return Column(name, Text, nullable=False)


def text_columns(*names: str) -> list[Column[object]]:
    return [text_column(name) for name in names]


def empty_text_column(name: str) -> Column[object]:
    """Return a column that a release before knows nothing of: empty when it writes the row."""
    return Column(name, Text, nullable=False, server_default=text("''"))


def time_column(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def null_time_columns(*names: str) -> list[Column[object]]:
    return [time_column(name, nullable=True) for name in names]
