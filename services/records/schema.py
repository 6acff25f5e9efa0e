"""
The tables of records.

Nothing here says who a person is: `person` is identity's UUID, originals are sealed, and
rows in the clear are written without names, numbers and addresses (`model/identifying_fields`).

What is read by person has keys that begin with the person, and every statement on it compares
`person`: a deployment that outgrows one PostgreSQL distributes these tables on that column
(docs/adr/0069).  Dossiers are found by name and by (facility, link key), so they are not.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from chassis.schema import chassis_tables

metadata = MetaData()
chassis_tables(metadata)


def _uuid(name: str) -> Column[object]:
    return Column(name, UUID(as_uuid=True), nullable=False)


def _text(name: str) -> Column[object]:
    return Column(name, Text, nullable=False)


def _texts(*names: str) -> list[Column[object]]:
    return [_text(name) for name in names]


def _time(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _integer(name: str) -> Column[object]:
    return Column(name, Integer, nullable=False)


def _by_person(name: str, *columns: Column[object], key: tuple[str, ...]) -> Table:
    """A table of the history: whose, from where, the mask of restricted kinds, and its own columns."""
    return Table(
        name,
        metadata,
        _uuid("person"),
        _uuid("dossier"),
        _text("facility"),
        Column("classes", SmallInteger, nullable=False),
        *columns,
        PrimaryKeyConstraint("person", "dossier", *key, name=f"{name}_pkey"),
    )


dossiers = Table(
    "dossiers",
    metadata,
    _uuid("id"),
    _text("facility"),
    # MA_LK: the facility's own key of the encounter.
    _text("link_key"),
    _integer("version"),
    _text("state"),
    _uuid("person"),
    Column("classes", SmallInteger, nullable=False),
    _text("form_of_care"),
    _time("arrival_time"),
    _time("discharge_time"),
    _time("receive_time"),
    Column("sha256", LargeBinary, nullable=False),
    _integer("size_bytes"),
    Column("signature_verified", Boolean, nullable=False),
    # [["XML1", 1], …], in the order of the file.
    Column("tables", JSONB, nullable=False),
    # [[rule, path, Vietnamese, English], …]; never a value of the file.
    Column("warnings", JSONB, nullable=False),
    # {"XML13": the SHA-256 of its values in hex, …}: an unchanged slip is not sent again.
    Column("slips", JSONB, nullable=False),
    Column("supersedes", UUID(as_uuid=True)),
    Column("superseded_by", UUID(as_uuid=True)),
    # Whether there was a signature at all; null in rows of before this was kept.
    Column("signed", Boolean),
    PrimaryKeyConstraint("id", name="dossiers_pkey"),
    UniqueConstraint("facility", "link_key", "version", name="dossiers_version"),
    CheckConstraint("state IN ('accepted', 'superseded', 'withdrawn')", name="dossiers_state"),
    Index("dossiers_listed", "facility", "receive_time", "id"),
)

# One version of an encounter counts.
Index(
    "dossiers_current",
    dossiers.c.facility,
    dossiers.c.link_key,
    unique=True,
    postgresql_where=text("state = 'accepted'"),
)

# Encounters that a health book knows of and does not hold.
Index("dossiers_withdrawn", dossiers.c.person, postgresql_where=text("state = 'withdrawn'"))

# What each slip of a dossier became (`model/slips.py`): of the last version what is so now.
slips = Table(
    "slips",
    metadata,
    _uuid("dossier"),
    # The same over all versions of the encounter.
    _uuid("id"),
    _text("table_code"),
    *_texts("digest", "state", "resource", "replaces"),
    # [rule, path, Vietnamese, English]; never a value of the file.
    Column("finding", JSONB),
    # The event of the outbox that carries it; several rows when a newer version did not change it.
    Column("event_id", UUID(as_uuid=True)),
    _time("update_time"),
    Column("signed_by_practitioner", Boolean, nullable=False, server_default=text("false")),
    Column("signed_by_facility", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("dossier", "id", name="slips_pkey"),
    CheckConstraint(
        "state IN ('pending', 'issued', 'unchanged', 'replaced', 'cancelled', 'not_sent')", name="slips_state"
    ),
    Index("slips_versions", "id"),
    Index("slips_event", "event_id", postgresql_where=text("event_id IS NOT NULL")),
)

# The files as they were sent: compressed, then sealed in pieces (`chassis/piece_encryption`), so that a
# reader takes one at a time.  `owner` is the dossier, the health check, or the first check-in of a file;
# `person` is whose that is.
file_pieces = Table(
    "file_pieces",
    metadata,
    _uuid("person"),
    _uuid("owner"),
    _integer("ordinal"),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("person", "owner", "ordinal", name="file_pieces_pkey"),
)

# Files of before they were compressed, until they are first read: short ones, and the oldest, whole,
originals = Table(
    "originals",
    metadata,
    _uuid("dossier"),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("dossier", name="originals_pkey"),
)

# and longer ones in pieces.
original_pieces = Table(
    "original_pieces",
    metadata,
    _uuid("dossier"),
    _integer("ordinal"),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("dossier", "ordinal", name="original_pieces_pkey"),
)

check_ins = Table(
    "check_ins",
    metadata,
    _uuid("id"),
    _text("facility"),
    _text("link_key"),
    _uuid("person"),
    _text("form_of_care"),
    _text("care_category"),
    _time("arrival_time"),
    _time("receive_time"),
    PrimaryKeyConstraint("person", "id", name="check_ins_pkey"),
    Index("check_ins_of_encounter", "facility", "link_key"),
)

# Check-in files of before they were compressed, sealed with the first check-in's id as context.
check_in_originals = Table(
    "check_in_originals",
    metadata,
    _uuid("check_in"),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("check_in", name="check_in_originals_pkey"),
)

# How far the papers of each encounter are (`model/encounter_status.py`): its facility's list is read from it.
# It names no person; what is shown beside it is read from the check-ins and the dossiers.
encounter_states = Table(
    "encounter_states",
    metadata,
    # Made of the facility and the link key (`encounter_id`).
    _uuid("id"),
    *_texts("facility", "link_key", "state"),
    _time("sort_time"),
    # What is due first, as `Deadline.Kind` of the contract, and when; null when nothing is.
    Column("duty", SmallInteger),
    _time("due_time", nullable=True),
    # Whether a check-in belongs to it; null until an accepted dossier has told.
    Column("needs_check_in", Boolean),
    # The last refusal: when, why, its findings as [[rule, path, Vietnamese, English], …], never a value of
    # the file, and how many there were.
    _time("refuse_time", nullable=True),
    Column("refuse_reason", Text, nullable=False, server_default=text("''")),
    Column("refusals", JSONB, nullable=False, server_default=text("'[]'")),
    Column("refusal_count", Integer, nullable=False, server_default=text("0")),
    _time("refused_arrival_time", nullable=True),
    _time("refused_discharge_time", nullable=True),
    PrimaryKeyConstraint("id", name="encounter_states_pkey"),
    CheckConstraint(
        "state IN ('checked_in', 'accepted', 'corrected', 'refused', 'withdrawn')",
        name="encounter_states_state",
    ),
    Index("encounter_states_listed", "facility", "state", "sort_time", "id"),
    Index("encounter_states_due", "due_time", "duty", postgresql_where=text("due_time IS NOT NULL")),
)

# Which beds the dossiers that stand are paid for, so that two of one bed at one time are noticed.
bed_uses = Table(
    "bed_uses",
    metadata,
    *_texts("facility", "link_key", "department", "bed"),
    _time("begin_time"),
    _time("end_time"),
    PrimaryKeyConstraint(
        "facility", "link_key", "department", "bed", "begin_time", "end_time", name="bed_uses_pkey"
    ),
    Index("bed_uses_of_bed", "facility", "department", "bed", "begin_time"),
    Index("bed_uses_begun", "begin_time"),
)

encounters = _by_person(
    "encounters",
    _text("form_of_care"),
    _time("arrival_time"),
    _time("discharge_time"),
    *_texts("reason", "admission_diagnosis", "discharge_diagnosis"),
    *_texts("treatment", "outcome", "discharge_type", "note"),
    # Null in rows of before these were kept.
    Column("weight", Text),
    Column("blood_group", Text),
    # NGAY_TAI_KHAM, as it was written: yyyyMMdd, several joined by `;`.
    Column("reexamination", Text),
    key=(),
)
Index("encounters_latest", encounters.c.person, encounters.c.arrival_time)

diagnoses = _by_person(
    "diagnoses",
    _integer("position"),
    _text("code"),
    Column("main", Boolean, nullable=False),
    key=("position",),
)

results = _by_person(
    "results",
    _integer("row_number"),
    _uuid("id"),
    *_texts("service_code", "service_name", "indicator_code", "indicator_name"),
    *_texts("value", "unit", "description", "conclusion"),
    # Where it stands among others: when it was given or performed, else the arrival of its encounter.
    _time("result_time"),
    # When it was given and when it was performed, as far as that is known.  Rows of the first release have
    # neither; with a value, theirs was given at `result_time`.
    _time("given_time", nullable=True),
    _time("perform_time", nullable=True),
    # The study that it was read from (`model/studies.py`); empty where the file names none.
    Column("study", Text, nullable=False, server_default=text("''")),
    key=("row_number",),
)
Index("results_of_service", results.c.person, results.c.service_code, results.c.result_time)
Index("results_of_indicator", results.c.person, results.c.indicator_code, results.c.result_time)
Index("results_latest", results.c.person, results.c.result_time, results.c.id)

medicines = _by_person(
    "medicines",
    _integer("row_number"),
    *_texts("drug_code", "drug_name", "strength", "quantity", "unit"),
    *_texts("dosage", "instructions", "route", "registration_number"),
    _time("order_time"),
    key=("row_number",),
)

services = _by_person(
    "services",
    _integer("row_number"),
    *_texts("service_code", "service_name", "supply_code", "group_code"),
    *_texts("quantity", "unit"),
    _time("order_time"),
    _time("perform_time", nullable=True),
    _time("result_time", nullable=True),
    # In whole đồng; null where the file tells none, and of rows of before it was read.
    Column("unit_price", BigInteger),
    key=("row_number",),
)

# Rows of all other tables, as {"FIELD": "value"}, without what says who it is about.
other_rows = _by_person(
    "other_rows",
    _text("table_code"),
    _integer("row_number"),
    Column("data", JSONB, nullable=False),
    key=("table_code", "row_number"),
)

# What doctors did with reusable results: one row for what was decided in a facility on a day about a service
# of a dossier.  It names no person, and is listed by facility and month.
reuse_decisions = Table(
    "reuse_decisions",
    metadata,
    _text("facility"),
    Column("day", Date, nullable=False),
    _uuid("dossier"),
    _text("service_code"),
    # The first day of the month.
    Column("month", Date, nullable=False),
    # As the enumerations of `ReuseDecision` of the contract.
    Column("kind", SmallInteger, nullable=False),
    Column("repeat_reason", SmallInteger, nullable=False),
    *_texts("repeat_text", "source_facility"),
    Column("reusable", Boolean, nullable=False),
    # In whole đồng; null when no price is known.
    Column("price", BigInteger),
    _time("decide_time"),
    PrimaryKeyConstraint("facility", "month", "day", "dossier", "service_code", name="reuse_decisions_pkey"),
    Index("reuse_decisions_of_month", text("month DESC"), "facility"),
)

# Everything that is made from a dossier and made anew from its next version.
HISTORY = (encounters, diagnoses, results, medicines, services, other_rows)

# Health checks (khám sức khỏe), a row a version.  What they say is sealed with their id as context.
health_checks = Table(
    "health_checks",
    metadata,
    _uuid("person"),
    _uuid("id"),
    _text("facility"),
    # MA_LK: the facility's own key of the check.
    _text("link_key"),
    _integer("version"),
    _text("state"),
    # The mask of restricted kinds of its diagnoses, and that of single examinations, which can be left out.
    Column("classes", SmallInteger, nullable=False),
    Column("part_classes", SmallInteger, nullable=False),
    # The form of QĐ 1551, 0 for the modules of QĐ 2062.
    Column("form", SmallInteger, nullable=False),
    _time("check_time"),
    _time("receive_time"),
    Column("sha256", LargeBinary, nullable=False),
    _integer("size_bytes"),
    # `absent`, `unverified`, `verified`.
    *_texts("doctor_signature", "facility_signature"),
    # [[rule, path, Vietnamese, English], …]; never a value of the file.
    Column("warnings", JSONB, nullable=False),
    Column("supersedes", UUID(as_uuid=True)),
    Column("superseded_by", UUID(as_uuid=True)),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("person", "id", name="health_checks_pkey"),
    UniqueConstraint("facility", "link_key", "version", name="health_checks_version"),
    CheckConstraint("state IN ('accepted', 'superseded')", name="health_checks_state"),
    Index("health_checks_latest", "person", "check_time", "id"),
)

# Doses of vaccines (tiêm chủng).  What was given, and what followed, is sealed with the id as context.
immunizations = Table(
    "immunizations",
    metadata,
    _uuid("person"),
    _uuid("id"),
    _text("facility"),
    _text("state"),
    Column("classes", SmallInteger, nullable=False),
    _time("immunize_time"),
    _time("receive_time"),
    Column("supersedes", UUID(as_uuid=True)),
    Column("superseded_by", UUID(as_uuid=True)),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("person", "id", name="immunizations_pkey"),
    # A correction names the record, whoever's it is.
    UniqueConstraint("id", name="immunizations_id"),
    CheckConstraint("state IN ('recorded', 'superseded')", name="immunizations_state"),
    Index("immunizations_latest", "person", "immunize_time", "id"),
)
