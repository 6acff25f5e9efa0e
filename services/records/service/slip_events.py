"""
The slips of an accepted dossier as events of the outbox, encrypted, for they name the person.

A transfer slip (XML13) becomes a referral, a re-examination slip (XML14) an appointment.
"""

from uuid import UUID, uuid4

from chassis import outbox
from chassis.db import Transaction
from chassis.encryption import Encryptor
from kcb.report import Report

from ..convert import slips as convert
from ..model.dossiers import Dossier

REFERRAL_TOPIC, APPOINTMENT_TOPIC = "dossier.referral", "dossier.appointment"


async def publish_slips(
    tx: Transaction, encryptor: Encryptor, report: Report, dossier: Dossier, previous: Dossier | None
) -> None:
    """Publish the slips of a dossier that are new or differ from those of its previous version."""
    published = previous.slips if previous else {}
    changed = {code for code, digest in dossier.slips.items() if published.get(code) != digest}
    row = report.first_row("XML13")
    if row and "XML13" in changed:
        referral = convert.referral_request(row, report.sheets["XML13"].xml, dossier)
        if referral is not None:
            await _publish(tx, encryptor, REFERRAL_TOPIC, referral.SerializeToString(), dossier)
    row = report.first_row("XML14")
    if row and "XML14" in changed:
        appointment = convert.appointment_request(row, dossier)
        await _publish(tx, encryptor, APPOINTMENT_TOPIC, appointment.SerializeToString(), dossier)


async def _publish(
    tx: Transaction, encryptor: Encryptor, topic: str, payload: bytes, dossier: Dossier
) -> None:
    event_id = uuid4()
    sealed = slip_encryptor(encryptor).encrypt(payload, associated_data=slip_context(topic, event_id))
    await outbox.publish(tx, topic, sealed, key=str(dossier.person), event_id=event_id)


def slip_encryptor(encryptor: Encryptor) -> Encryptor:
    return encryptor.derive("slips")


def slip_context(topic: str, event_id: UUID) -> bytes:
    """Return what binds an encrypted slip to its event, so that it opens in no other."""
    return f"{topic} {event_id}".encode()
