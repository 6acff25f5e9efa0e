"""
The tables.  Sized for 100 million persons: a look-up reads one index and then one row.

Enumerations are the numbers of the contract.  An empty text is "not told"; a
null is only where the contract knows absence.

Identifiers and coverages have no foreign key to their person: they are written
in the transaction of their person and persons are never deleted, and the check
would cost the import a fifth of its speed.
"""

from typing import Any

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
    Sequence,
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

TIMESTAMPTZ = DateTime(timezone=True)


def _not_null(kind: Any, names: str, default: str | None = None) -> tuple[Column[Any], ...]:
    """Return a column of *kind* for each of *names*; *default* is SQL."""
    server_default = None if default is None else text(default)
    return tuple(Column(name, kind, nullable=False, server_default=server_default) for name in names.split())


def _times_and_version() -> tuple[Column[Any], ...]:
    return (
        *_not_null(TIMESTAMPTZ, "create_time update_time", "now()"),
        *_not_null(Integer, "version", "1"),
    )


persons = Table(
    "persons",
    metadata,
    *_not_null(UUID, "id"),
    *_not_null(SmallInteger, "state origin"),
    *_not_null(Text, "full_name"),
    # 0 is not known, from the right; the year too.
    *_not_null(SmallInteger, "birth_year birth_month birth_day"),
    *_not_null(Text, "birth_time"),
    *_not_null(SmallInteger, "sex"),
    *_not_null(Text, "nationality ethnicity address_line commune_code district_code province_code"),
    Column("address_as_of", Date),
    *_not_null(Text, "phone"),
    Column("mother", UUID),
    # The record that this one was merged into, and the survivor that stands for both in the end.
    Column("merged_into", UUID),
    # The facility that registered them; empty for a register.
    *_not_null(Text, "facility"),
    *_times_and_version(),
    Column("merged_root", UUID),
    PrimaryKeyConstraint("id", name="persons_pkey"),
    Index("persons_merged_root", "merged_root", postgresql_where=text("merged_root IS NOT NULL")),
    # What finds candidates (matching/store.py).  `name_key`, a function of migration 0008, is the name
    # folded (`kcb.vietnamese_text`) and read backwards, so that the given name comes first.
    Index("persons_birth", "birth_year", "birth_month", "birth_day", text('name_key(full_name) COLLATE "C"')),
    Index(
        "persons_phone",
        text("\"right\"(translate(phone, ' .-()+', ''), 9)"),
        postgresql_where=text("phone <> ''"),
    ),
    Index(
        *("persons_newborn", "birth_year", "birth_month", "birth_day"),
        postgresql_where=text("mother IS NOT NULL"),
    ),
)

# The links between two records of one person, those undone too.
merges = Table(
    "merges",
    metadata,
    *_not_null(UUID, "id loser winner"),
    *_not_null(Text, "reason caller"),
    *_not_null(TIMESTAMPTZ, "merge_time"),
    Column("unmerge_time", TIMESTAMPTZ),
    *_not_null(Text, "unmerger unmerge_reason", "''"),
    # What the loser was before: ACTIVE or DECEASED.
    *_not_null(SmallInteger, "state_before"),
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
    *_not_null(UUID, "person_id"),
    *_not_null(SmallInteger, "kind"),
    *_not_null(Text, "value"),
    *_not_null(SmallInteger, "state"),
    Column("valid_from", Date),
    Column("valid_to", Date),
    *_not_null(Text, "country", "''"),
    *_not_null(TIMESTAMPTZ, "create_time", "now()"),
    PrimaryKeyConstraint("person_id", "kind", "value", name="identifiers_pkey"),
    Index("identifiers_value", "value", "kind", postgresql_include=["person_id", "state"]),
)

# Which person a key of a register means.
person_sources = Table(
    "person_sources",
    metadata,
    *_not_null(Text, "source key"),
    *_not_null(UUID, "person_id"),
    PrimaryKeyConstraint("source", "key", name="person_sources_pkey"),
)

coverages = Table(
    "coverages",
    metadata,
    *_not_null(UUID, "person_id"),
    *_not_null(Text, "card_number"),
    *_not_null(Date, "valid_from"),
    Column("valid_to", Date),
    *_not_null(Text, "group_code"),
    *_not_null(SmallInteger, "benefit_level"),
    *_not_null(Text, "initial_facility area_code"),
    Column("five_years_date", Date),
    *_not_null(SmallInteger, "issuer"),
    *_not_null(Text, "standing source"),
    *_not_null(TIMESTAMPTZ, "verify_time"),
    # From which day on the owner shares no cost any more (`XML1.NGAY_MIEN_CCT`).
    Column("exempt_from", Date),
    # Since when the portal, asked about its owner, names the card no more: it counts for the days before.
    Column("unlisted_time", TIMESTAMPTZ),
    PrimaryKeyConstraint("person_id", "card_number", "valid_from", name="coverages_pkey"),
    CheckConstraint("valid_to >= valid_from", name="coverages_order"),
)

# Persons whose cards were told unconfirmed, because the insurance portal could not be asked: one row a
# person, taken away when it has been asked.  No foreign key, for the reason above.
verifications = Table(
    "verifications",
    metadata,
    *_not_null(UUID, "person_id"),
    *_not_null(Text, "reason"),
    *_not_null(SmallInteger, "attempts", "0"),
    *_not_null(TIMESTAMPTZ, "create_time next_time", "now()"),
    PrimaryKeyConstraint("person_id", name="verifications_pkey"),
    Index("verifications_next", "next_time"),
)

facilities = Table(
    "facilities",
    metadata,
    *_not_null(Text, "code gln display_name"),
    *_not_null(SmallInteger, "kind level points"),
    *_not_null(Text, "node"),
    *_not_null(SmallInteger, "former_line state"),
    *_not_null(Text, "address_line commune_code province_code"),
    Column("open_date", Date),
    Column("close_date", Date),
    *_not_null(Integer, "max_waiting"),
    *_not_null(SmallInteger, "keep_days"),
    *_not_null(SmallInteger, "initial_care", "0"),
    *_not_null(Boolean, "provisionally_ranked", "false"),
    # The last day on which files without a signature are taken; NULL: there is none.
    Column("unsigned_until", Date),
    *_times_and_version(),
    PrimaryKeyConstraint("code", name="facilities_pkey"),
)

# The nodes of the exchange, this one among them.
nodes = Table(
    "nodes",
    metadata,
    *_not_null(Text, "id display_name"),
    *_not_null(SmallInteger, "kind"),
    *_not_null(Text, "trust_domain"),
    # X.509 in DER.
    *_not_null(ARRAY(LargeBinary), "ca_certificates"),
    *_not_null(Text, "address"),
    *_not_null(TIMESTAMPTZ, "update_time", "now()"),
    *_not_null(Integer, "version", "1"),
    PrimaryKeyConstraint("id", name="nodes_pkey"),
    UniqueConstraint("trust_domain", name="nodes_trust_domain"),
)

facility_node_sequence = Sequence("facility_node_sequence", metadata=metadata)

# Which node a facility lives on: every version that was signed, by whichever node; the last one holds.
facility_nodes = Table(
    "facility_nodes",
    metadata,
    *_not_null(Text, "facility"),
    *_not_null(BigInteger, "version"),
    *_not_null(Text, "node signer"),
    *_not_null(LargeBinary, "body signature certificate"),
    *_not_null(Text, "algorithm"),
    *_not_null(BigInteger, "sequence", "nextval('facility_node_sequence')"),
    PrimaryKeyConstraint("facility", "version", name="facility_nodes_pkey"),
    UniqueConstraint("sequence", name="facility_nodes_sequence"),
)

facility_certificates = Table(
    "facility_certificates",
    metadata,
    *_not_null(Text, "facility"),
    # 1 to call the services, 2 to sign.
    *_not_null(SmallInteger, "use"),
    *_not_null(Text, "sha256"),
    *_not_null(LargeBinary, "der"),
    *_not_null(TIMESTAMPTZ, "valid_from valid_to"),
    Column("revoke_time", TIMESTAMPTZ),
    PrimaryKeyConstraint("facility", "use", "sha256", name="facility_certificates_pkey"),
    ForeignKeyConstraint(["facility"], ["facilities.code"], name="facility_certificates_facility"),
)

# By which certificates a facility signs, those revoked too: what was signed before is judged by them.
# `facility_certificates` is what the Ministry's list last had.
signing_certificates = Table(
    "signing_certificates",
    metadata,
    *_not_null(Text, "facility sha256"),
    *_not_null(LargeBinary, "der"),
    # As RFC 4514 writes it, and in hex; empty for one of before there was this table.
    *_not_null(Text, "issuer serial_number"),
    *_not_null(TIMESTAMPTZ, "valid_from valid_to"),
    # Who signs with it; NULL for the facility itself.
    Column("practitioner", UUID),
    *_not_null(Text, "registrar"),
    *_not_null(TIMESTAMPTZ, "register_time", "now()"),
    Column("revoke_time", TIMESTAMPTZ),
    *_not_null(SmallInteger, "revoke_reason", "0"),
    *_not_null(Integer, "version", "1"),
    PrimaryKeyConstraint("facility", "sha256", name="signing_certificates_pkey"),
    ForeignKeyConstraint(["facility"], ["facilities.code"], name="signing_certificates_facility"),
    Index("signing_certificates_sha256", "sha256"),
    Index("signing_certificates_serial_number", "serial_number"),
    Index(
        *("signing_certificates_issued", "facility", "issuer", "serial_number"),
        unique=True,
        postgresql_where=text("serial_number <> ''"),
    ),
)

# What the laboratories of a facility are recognised by (`model/laboratory_recognitions.py`).
laboratory_recognitions = Table(
    "laboratory_recognitions",
    metadata,
    *_not_null(Text, "facility"),
    *_not_null(SmallInteger, "ordinal scheme level"),
    # Beginnings of service codes; none for all services.
    *_not_null(ARRAY(Text), "service_prefixes"),
    *_not_null(Date, "valid_from"),
    Column("valid_to", Date),
    PrimaryKeyConstraint("facility", "ordinal", name="laboratory_recognitions_pkey"),
    ForeignKeyConstraint(["facility"], ["facilities.code"], name="laboratory_recognitions_facility"),
)

practitioners = Table(
    "practitioners",
    metadata,
    *_not_null(UUID, "id"),
    *_not_null(Text, "licence_number full_name title scope"),
    Column("valid_from", Date),
    Column("valid_to", Date),
    *_not_null(SmallInteger, "state"),
    *_not_null(Text, "facility"),
    *_times_and_version(),
    PrimaryKeyConstraint("id", name="practitioners_pkey"),
    UniqueConstraint("licence_number", name="practitioners_licence_number"),
    Index("practitioners_facility", "facility", "licence_number"),
)

lendings = Table(
    "lendings",
    metadata,
    Column("id", BigInteger, nullable=False, autoincrement=False),
    *_not_null(UUID, "practitioner_id"),
    *_not_null(Text, "facility"),
    Column("valid_from", Date),
    Column("valid_to", Date),
    PrimaryKeyConstraint("practitioner_id", "id", name="lendings_pkey"),
    ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="lendings_practitioner"),
    Index("lendings_facility", "facility"),
)

consents = Table(
    "consents",
    metadata,
    *_not_null(UUID, "person_id id"),
    *_not_null(SmallInteger, "state"),
    # Empty: every facility.
    *_not_null(Text, "facility"),
    *_not_null(SmallInteger, "purpose"),
    Column("data_classes", ARRAY(SmallInteger), nullable=False),
    *_not_null(Date, "valid_from"),
    Column("valid_to", Date),
    *_not_null(SmallInteger, "proof_kind"),
    *_not_null(Text, "proof_reference"),
    *_not_null(LargeBinary, "proof_sha256"),
    Column("guardian", UUID),
    # 0: the person agreed.
    *_not_null(SmallInteger, "guardian_relation"),
    *_not_null(Boolean, "child_agreed"),
    *_not_null(Text, "recorder"),
    *_not_null(TIMESTAMPTZ, "create_time"),
    Column("withdraw_time", TIMESTAMPTZ),
    *_not_null(Text, "withdrawer withdraw_reason", "''"),
    *_not_null(Integer, "version", "1"),
    # A review of the reads that rested on it found it right.
    *_not_null(Boolean, "upheld", "false"),
    PrimaryKeyConstraint("person_id", "id", name="consents_pkey"),
    ForeignKeyConstraint(["person_id"], ["persons.id"], name="consents_person"),
    CheckConstraint("(state = 2) = (withdraw_time IS NOT NULL)", name="consents_withdrawn"),
    Index("consents_newest", "person_id", "create_time", "id"),
    Index("consents_active", "person_id", "purpose", postgresql_where=text("state = 1")),
)

emergency_accesses = Table(
    "emergency_accesses",
    metadata,
    *_not_null(UUID, "id"),
    *_not_null(SmallInteger, "state"),
    *_not_null(UUID, "person_id"),
    *_not_null(Text, "facility practitioner"),
    *_not_null(SmallInteger, "purpose"),
    *_not_null(Text, "reason caller"),
    *_not_null(TIMESTAMPTZ, "access_time expire_time"),
    *_not_null(Integer, "use_count"),
    *_not_null(Text, "trace_id"),
    *_not_null(Text, "reviewer", "''"),
    Column("review_time", TIMESTAMPTZ),
    *_not_null(Text, "review_note", "''"),
    *_not_null(Integer, "version", "1"),
    # The consent to be reviewed, of the same person; NULL for an emergency.
    Column("consent", UUID),
    PrimaryKeyConstraint("id", name="emergency_accesses_pkey"),
    ForeignKeyConstraint(["person_id"], ["persons.id"], name="emergency_accesses_person"),
    Index("emergency_accesses_newest", "access_time", "id"),
    Index("emergency_accesses_person", "person_id", "access_time", "id"),
    Index("emergency_accesses_facility", "facility", "access_time", "id"),
    Index("emergency_accesses_open", "access_time", postgresql_where=text("state = 1")),
)
