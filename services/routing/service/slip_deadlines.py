"""What the calendar brings about: reminders of appointments, the end of consultations nobody answered."""

from chassis.db import Transaction
from lientuyen.routing.v1.message_pb2 import Notice

from ..model.appointments import remind
from ..model.consultations import expire
from ..store import appointments, consultations
from .mailbox_writer import MailboxWriter

# Rows in one transaction.
BATCH_ROWS = 200


class SlipDeadlines:
    """Each step does a batch, and returns how many rows it had and who got a notice."""

    def __init__(self, writer: MailboxWriter, *, reminder_days: int) -> None:
        self._writer = writer
        self._reminder_days = reminder_days

    async def remind_of_appointments(self, tx: Transaction) -> tuple[int, list[str]]:
        """Remind each facility, once, of the appointments that come within some days."""
        rows = await appointments.lock_unreminded(tx, self._reminder_days, BATCH_ROWS)
        event = Notice.EVENT_APPOINTMENT_REMINDER
        for appointment, now in rows:
            await appointments.update_appointment(tx, remind(appointment, now))
            await self._writer.write_notice(tx, appointment.facility, event, appointment.name, now)
        return len(rows), [appointment.facility for appointment, _ in rows]

    async def expire_consultations(self, tx: Transaction) -> tuple[int, list[str]]:
        """End what nobody answered in time, and tell both facilities."""
        rows = await consultations.lock_overdue(tx, BATCH_ROWS)
        notified = []
        for consultation, now in rows:
            await consultations.update_consultation(tx, expire(consultation, now))
            for party in (consultation.requester, consultation.consultant):
                event = Notice.EVENT_CONSULTATION_EXPIRED
                await self._writer.write_notice(tx, party, event, consultation.name, now)
                notified.append(party)
        return len(rows), notified
