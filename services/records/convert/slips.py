"""
The slips in a dossier as messages of routing: XML13 becomes a referral, XML14 an appointment.

And what became of them, as a message of ours.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from common.names import facility_name, person_name
from common.values import date_to_pb, timestamp_to_pb
from kcb.dossier_facts import values_in
from kcb.field_formats import is_facility_code
from kcb.report import Row
from lientuyen.records.v1 import dossier_pb2
from lientuyen.routing.v1 import appointment_pb2, appointment_service_pb2, referral_pb2, referral_service_pb2
from lientuyen.type.v1.coding_pb2 import Coding

from ..model.clinical_history import instant_of
from ..model.dossiers import Dossier
from ..model.slips import Slip
from .findings import fault_to_pb
from .names import dossier_name

XML_MEDIA_TYPE = "application/xml"

# Characters that routing takes of a licence number, and of the key of an encounter.
MAX_LICENCE, MAX_ENCOUNTER = 255, 100

# Characters of the number of a slip.
MAX_SLIP_NUMBER = 100

SlipMessage: TypeAlias = referral_pb2.Referral | appointment_pb2.Appointment


def recipient_of(row: Row) -> str:
    """Return the code of the facility that a transfer slip goes to; QĐ 4750 named the field otherwise."""
    return row.get("MA_CSKCB_DEN") or row.get("MA_NOI_DEN")


def referral_of(
    row: Row, facility: str, person: UUID, issue_time: datetime | None, source_slip: str
) -> referral_pb2.Referral:
    """Return the referral of a transfer slip (XML13)."""
    return referral_pb2.Referral(
        person=person_name(person),
        sender=facility_name(facility),
        recipient=facility_name(recipient_of(row)),
        slip_number=row.get("GIAY_CHUYEN_TUYEN"),
        reason_code=row.get("MA_LYDO_CT"),
        diagnosis=diagnosis_of(row),
        issue_time=timestamp_to_pb(issue_time),
        source_slip=source_slip,
        practitioner=row.get("MA_BAC_SI")[:MAX_LICENCE],
    )


def appointment_of(row: Row, facility: str, person: UUID, source_slip: str) -> appointment_pb2.Appointment:
    """Return the appointment of a re-examination slip (XML14)."""
    return appointment_pb2.Appointment(
        person=person_name(person),
        facility=facility_name(facility),
        day=date_to_pb(instant_of(row.get("NGAY_HEN_KL")[:8])),
        slip_number=row.get("SO_GIAYHEN_KL"),
        diagnosis=diagnosis_of(row),
        care_category=row.get("MA_DOITUONG_KCB"),
        source_slip=source_slip,
        encounter=row.get("MA_LK")[:MAX_ENCOUNTER],
    )


def referral_request(
    referral: referral_pb2.Referral, document: bytes, dossier: Dossier
) -> referral_service_pb2.CreateReferralRequest:
    request = referral_service_pb2.CreateReferralRequest(
        referral=referral, slip=document, slip_media_type=XML_MEDIA_TYPE
    )
    request.referral.source_dossier = dossier_name(dossier.id)
    return request


def use_requests(row: Row, facility: str, link_key: str) -> list[referral_service_pb2.UseReferralRequest]:
    """Return the uses of the transfer slips that the patient of a dossier brought (XML1).

    None without one sender (MA_NOI_DI), for a number is of its sender's register.
    """
    senders = values_in(row.get("MA_NOI_DI"))
    numbers = [number for number in values_in(row.get("GIAY_CHUYEN_TUYEN")) if len(number) <= MAX_SLIP_NUMBER]
    if len(senders) != 1 or not is_facility_code(senders[0]) or senders[0] == facility:
        return []
    return [
        referral_service_pb2.UseReferralRequest(
            slip_number=number,
            sender=facility_name(senders[0]),
            recipient=facility_name(facility),
            encounter=link_key[:MAX_ENCOUNTER],
        )
        for number in numbers
    ]


def appointment_request(
    appointment: appointment_pb2.Appointment, dossier: Dossier
) -> appointment_service_pb2.CreateAppointmentRequest:
    request = appointment_service_pb2.CreateAppointmentRequest(appointment=appointment)
    request.appointment.source_dossier = dossier_name(dossier.id)
    return request


def diagnosis_of(row: Row) -> Coding:
    return Coding(
        system="ICD-10", code=row.get("MA_BENH_CHINH")[:100], display=row.get("CHAN_DOAN_RV")[:1024]
    )


def slips_to_pb(slips: Iterable[Slip]) -> list[dossier_pb2.DossierSlip]:
    return [
        dossier_pb2.DossierSlip(
            name=slip.name,
            table=slip.table_code,
            state=f"STATE_{slip.state.name}",
            resource=slip.resource,
            replaces=slip.replaces,
            finding=fault_to_pb(slip.finding, refuses=False) if slip.finding else None,
            update_time=timestamp_to_pb(slip.update_time),
            signed_by_practitioner=slip.signed_by_practitioner,
            signed_by_facility=slip.signed_by_facility,
        )
        for slip in slips
    ]
