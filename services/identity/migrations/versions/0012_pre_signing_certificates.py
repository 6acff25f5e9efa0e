"""The certificates by which facilities sign, and until when unsigned files are taken from each.

Those that came with the Ministry's list are registered at once: without issuer and serial number, which SQL
cannot read, so that they are found by their digest only.
"""

from alembic import op

revision = "0012_pre_signing_certificates"
down_revision = "0011_pre_archives"


def upgrade() -> None:
    op.execute("ALTER TABLE facilities ADD COLUMN unsigned_until date")
    op.execute(
        """
        CREATE TABLE signing_certificates (
            facility text NOT NULL,
            sha256 text NOT NULL,
            der bytea NOT NULL,
            issuer text NOT NULL,
            serial_number text NOT NULL,
            valid_from timestamptz NOT NULL,
            valid_to timestamptz NOT NULL,
            practitioner uuid,
            registrar text NOT NULL,
            register_time timestamptz NOT NULL DEFAULT now(),
            revoke_time timestamptz,
            revoke_reason smallint NOT NULL DEFAULT 0,
            version integer NOT NULL DEFAULT 1,
            CONSTRAINT signing_certificates_pkey PRIMARY KEY (facility, sha256),
            CONSTRAINT signing_certificates_facility FOREIGN KEY (facility) REFERENCES facilities (code)
        )
        """
    )
    op.execute("CREATE INDEX signing_certificates_sha256 ON signing_certificates (sha256)")
    op.execute("CREATE INDEX signing_certificates_serial_number ON signing_certificates (serial_number)")
    op.execute(
        "CREATE UNIQUE INDEX signing_certificates_issued"
        " ON signing_certificates (facility, issuer, serial_number) WHERE serial_number <> ''"
    )
    op.execute(
        """
        INSERT INTO signing_certificates
            (facility, sha256, der, issuer, serial_number, valid_from, valid_to, registrar, revoke_time)
        SELECT facility, sha256, der, '', '', valid_from, valid_to, '', revoke_time
        FROM facility_certificates WHERE use = 2
        """
    )
