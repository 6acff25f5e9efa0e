"""What the laboratories of facilities are recognised by."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import any_, bindparam, delete, insert, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from chassis.db import Transaction
from chassis.sql import sql

from ..model.laboratory_recognitions import LaboratoryRecognition
from ..schema import laboratory_recognitions

_FACTS = ("scheme", "level", "service_prefixes", "valid_from", "valid_to")

LIST_RECOGNITIONS = sql(
    select(*(laboratory_recognitions.c[name] for name in _FACTS))
    .where(laboratory_recognitions.c.facility == bindparam("code"))
    .order_by(laboratory_recognitions.c.ordinal)
)

DELETE_RECOGNITIONS = sql(
    delete(laboratory_recognitions).where(
        laboratory_recognitions.c.facility == any_(bindparam("codes", type_=ARRAY(TEXT)))
    )
)

INSERT_RECOGNITION = sql(
    insert(laboratory_recognitions).values(
        {column.name: bindparam(column.name) for column in laboratory_recognitions.c}
    )
)


async def list_recognitions(tx: Transaction, code: str) -> list[LaboratoryRecognition]:
    rows = await tx.fetch(LIST_RECOGNITIONS, code=code)
    return [
        LaboratoryRecognition(**{**dict(row), "service_prefixes": tuple(row["service_prefixes"])})
        for row in rows
    ]


async def replace_recognitions(
    tx: Transaction, by_facility: Mapping[str, Sequence[LaboratoryRecognition]]
) -> None:
    """Put these in the place of what was known of each facility (bare code)."""
    if not by_facility:
        return
    await tx.execute(DELETE_RECOGNITIONS, codes=list(by_facility))
    await tx.executemany(
        INSERT_RECOGNITION,
        (
            {"facility": code, "ordinal": ordinal, **asdict(recognition)}
            for code, recognitions in by_facility.items()
            for ordinal, recognition in enumerate(recognitions)
        ),
    )
