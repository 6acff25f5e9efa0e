"""
The tables.  Sized for 100 million persons: a look-up reads one index and then one row.

Enumerations are the numbers of the contract.  An empty text is "not told"; a
null is only where the contract knows absence.

Identifiers and coverages have no foreign key to their person: they are written
in the transaction of their person and persons are never deleted, and the check
would cost the import a fifth of its speed.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
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
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from chassis.schema import chassis_tables

metadata = MetaData()
chassis_tables(metadata)


def _times() -> tuple[Column[object], ...]:
    now = text("now()")
    return (
        Column("create_time", DateTime(timezone=True), nullable=False, server_default=now),
        Column("update_time", DateTime(timezone=True), nullable=False, server_default=now),
        Column("version", Integer, nullable=False, server_default=text("1")),
    )


persons = Table(
    "persons",
    metadata,
    Column("id", UUID(as_uuid=True), nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("origin", SmallInteger, nullable=False),
    Column("full_name", Text, nullable=False),
    # 0 is not known, from the right; the year too.
    Column("birth_year", SmallInteger, nullable=False),
    Column("birth_month", SmallInteger, nullable=False),
    Column("birth_day", SmallInteger, nullable=False),
    Column("birth_time", Text, nullable=False),
    Column("sex", SmallInteger, nullable=False),
    Column("nationality", Text, nullable=False),
    Column("ethnicity", Text, nullable=False),
    Column("address_line", Text, nullable=False),
    Column("commune_code", Text, nullable=False),
    Column("district_code", Text, nullable=False),
    Column("province_code", Text, nullable=False),
    Column("address_as_of", Date),
    Column("phone", Text, nullable=False),
    Column("mother", UUID(as_uuid=True)),
    # The record that this one was merged into, and the survivor that stands for both in the end.
    Column("merged_into", UUID(as_uuid=True)),
    # The facility that registered them; empty for a register.
    Column("facility", Text, nullable=False),
    *_times(),
    Column("merged_root", UUID(as_uuid=True)),
    PrimaryKeyConstraint("id", name="persons_pkey"),
    Index("persons_merged_root", "merged_root", postgresql_where=text("merged_root IS NOT NULL")),
    # What finds candidates (store/matching.py).  `name_key`, a function of migration 0003, is the name
    # folded and read backwards, so that the given name comes first.
    Index(
        "persons_birth",
        "birth_year",
        "birth_month",
        "birth_day",
        text('name_key(full_name) COLLATE "C"'),
    ),
    Index(
        "persons_phone",
        text("\"right\"(translate(phone, ' .-()+', ''), 9)"),
        postgresql_where=text("phone <> ''"),
    ),
    Index(
        "persons_newborn",
        "birth_year",
        "birth_month",
        "birth_day",
        postgresql_where=text("mother IS NOT NULL"),
    ),
)

# The links between two records of one person, those undone too.
merges = Table(
    "merges",
    metadata,
    Column("id", UUID(as_uuid=True), nullable=False),
    Column("loser", UUID(as_uuid=True), nullable=False),
    Column("winner", UUID(as_uuid=True), nullable=False),
    Column("reason", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("merge_time", DateTime(timezone=True), nullable=False),
    Column("unmerge_time", DateTime(timezone=True)),
    Column("unmerger", Text, nullable=False, server_default=text("''")),
    Column("unmerge_reason", Text, nullable=False, server_default=text("''")),
    # What the loser was before: ACTIVE or DECEASED.
    Column("state_before", SmallInteger, nullable=False),
    PrimaryKeyConstraint("id", name="merges_pkey"),
    ForeignKeyConstraint(["loser"], ["persons.id"], name="merges_loser_person"),
    ForeignKeyConstraint(["winner"], ["persons.id"], name="merges_winner_person"),
    Index("merges_standing", "loser", unique=True, postgresql_where=text("unmerge_time IS NULL")),
    Index("merges_loser", "loser", "merge_time", "id"),
    Index("merges_winner", "winner", "merge_time", "id"),
)

# A number belongs to a person once; that two persons claim one number is a fact to be
# merged or corrected, so the key holds the person too.
identifiers = Table(
    "identifiers",
    metadata,
    Column("person_id", UUID(as_uuid=True), nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("value", Text, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("country", Text, nullable=False, server_default=text("''")),
    Column("create_time", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("person_id", "kind", "value", name="identifiers_pkey"),
    Index("identifiers_value", "value", "kind", postgresql_include=["person_id", "state"]),
)

# Which person a key of a register means.
person_sources = Table(
    "person_sources",
    metadata,
    Column("source", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("person_id", UUID(as_uuid=True), nullable=False),
    PrimaryKeyConstraint("source", "key", name="person_sources_pkey"),
)

coverages = Table(
    "coverages",
    metadata,
    Column("person_id", UUID(as_uuid=True), nullable=False),
    Column("card_number", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("group_code", Text, nullable=False),
    Column("benefit_level", SmallInteger, nullable=False),
    Column("initial_facility", Text, nullable=False),
    Column("area_code", Text, nullable=False),
    Column("five_years_date", Date),
    Column("issuer", SmallInteger, nullable=False),
    Column("standing", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("verify_time", DateTime(timezone=True), nullable=False),
    # From which day on the owner shares no cost any more (`XML1.NGAY_MIEN_CCT`).
    Column("exempt_from", Date),
    # Since when the portal, asked about its owner, names the card no more: it counts for the days before.
    Column("unlisted_time", DateTime(timezone=True)),
    PrimaryKeyConstraint("person_id", "card_number", "valid_from", name="coverages_pkey"),
    CheckConstraint("valid_to >= valid_from", name="coverages_order"),
)

# Persons whose cards were told unconfirmed, because the insurance portal could not be asked: one row a
# person, taken away when it has been asked.  No foreign key, for the reason above.
verifications = Table(
    "verifications",
    metadata,
    Column("person_id", UUID(as_uuid=True), nullable=False),
    Column("reason", Text, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    Column("create_time", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("next_time", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("person_id", name="verifications_pkey"),
    Index("verifications_next", "next_time"),
)

facilities = Table(
    "facilities",
    metadata,
    Column("code", Text, nullable=False),
    Column("gln", Text, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("points", SmallInteger, nullable=False),
    Column("node", Text, nullable=False),
    Column("former_line", SmallInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("address_line", Text, nullable=False),
    Column("commune_code", Text, nullable=False),
    Column("province_code", Text, nullable=False),
    Column("open_date", Date),
    Column("close_date", Date),
    Column("max_waiting", Integer, nullable=False),
    Column("keep_days", SmallInteger, nullable=False),
    *_times(),
    PrimaryKeyConstraint("code", name="facilities_pkey"),
)

facility_certificates = Table(
    "facility_certificates",
    metadata,
    Column("facility", Text, nullable=False),
    # 1 to call the services, 2 to sign.
    Column("use", SmallInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("der", LargeBinary, nullable=False),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("valid_to", DateTime(timezone=True), nullable=False),
    Column("revoke_time", DateTime(timezone=True)),
    PrimaryKeyConstraint("facility", "use", "sha256", name="facility_certificates_pkey"),
    ForeignKeyConstraint(["facility"], ["facilities.code"], name="facility_certificates_facility"),
)

practitioners = Table(
    "practitioners",
    metadata,
    Column("id", UUID(as_uuid=True), nullable=False),
    Column("licence_number", Text, nullable=False),
    Column("full_name", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("state", SmallInteger, nullable=False),
    Column("facility", Text, nullable=False),
    *_times(),
    PrimaryKeyConstraint("id", name="practitioners_pkey"),
    UniqueConstraint("licence_number", name="practitioners_licence_number"),
    Index("practitioners_facility", "facility", "licence_number"),
)

lendings = Table(
    "lendings",
    metadata,
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("practitioner_id", UUID(as_uuid=True), nullable=False),
    Column("facility", Text, nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    PrimaryKeyConstraint("practitioner_id", "id", name="lendings_pkey"),
    ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="lendings_practitioner"),
    Index("lendings_facility", "facility"),
)

consents = Table(
    "consents",
    metadata,
    Column("person_id", UUID(as_uuid=True), nullable=False),
    Column("id", UUID(as_uuid=True), nullable=False),
    Column("state", SmallInteger, nullable=False),
    # Empty: every facility.
    Column("facility", Text, nullable=False),
    Column("purpose", SmallInteger, nullable=False),
    Column("data_classes", ARRAY(SmallInteger), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("proof_kind", SmallInteger, nullable=False),
    Column("proof_reference", Text, nullable=False),
    Column("proof_sha256", LargeBinary, nullable=False),
    Column("guardian", UUID(as_uuid=True)),
    # 0: the person agreed.
    Column("guardian_relation", SmallInteger, nullable=False),
    Column("child_agreed", Boolean, nullable=False),
    Column("recorder", Text, nullable=False),
    Column("create_time", DateTime(timezone=True), nullable=False),
    Column("withdraw_time", DateTime(timezone=True)),
    Column("withdrawer", Text, nullable=False, server_default=text("''")),
    Column("withdraw_reason", Text, nullable=False, server_default=text("''")),
    Column("version", Integer, nullable=False, server_default=text("1")),
    PrimaryKeyConstraint("person_id", "id", name="consents_pkey"),
    ForeignKeyConstraint(["person_id"], ["persons.id"], name="consents_person"),
    CheckConstraint("(state = 2) = (withdraw_time IS NOT NULL)", name="consents_withdrawn"),
    Index("consents_newest", "person_id", "create_time", "id"),
    Index("consents_active", "person_id", "purpose", postgresql_where=text("state = 1")),
)

emergency_accesses = Table(
    "emergency_accesses",
    metadata,
    Column("id", UUID(as_uuid=True), nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("person_id", UUID(as_uuid=True), nullable=False),
    Column("facility", Text, nullable=False),
    Column("practitioner", Text, nullable=False),
    Column("purpose", SmallInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("access_time", DateTime(timezone=True), nullable=False),
    Column("expire_time", DateTime(timezone=True), nullable=False),
    Column("use_count", Integer, nullable=False),
    Column("trace_id", Text, nullable=False),
    Column("reviewer", Text, nullable=False, server_default=text("''")),
    Column("review_time", DateTime(timezone=True)),
    Column("review_note", Text, nullable=False, server_default=text("''")),
    Column("version", Integer, nullable=False, server_default=text("1")),
    PrimaryKeyConstraint("id", name="emergency_accesses_pkey"),
    ForeignKeyConstraint(["person_id"], ["persons.id"], name="emergency_accesses_person"),
    Index("emergency_accesses_newest", "access_time", "id"),
    Index("emergency_accesses_person", "person_id", "access_time", "id"),
    Index("emergency_accesses_facility", "facility", "access_time", "id"),
    Index("emergency_accesses_open", "access_time", postgresql_where=text("state = 1")),
)
