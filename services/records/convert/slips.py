"""The slips in a dossier as requests to routing: XML13 becomes a referral, XML14 an appointment."""

from datetime import datetime

from kcb.report import Row
from lientuyen.routing.v1 import appointment_pb2, appointment_service_pb2, referral_pb2, referral_service_pb2
from lientuyen.type.v1.coding_pb2 import Coding
from lientuyen.type.v1.date_pb2 import Date

from ..model.dossiers import Dossier
from .names import facility_name, person_name, timestamp

# What a facility's XML is called on the way.
XML = "application/xml"


def referral(row: Row, slip: bytes, dossier: Dossier) -> referral_service_pb2.CreateReferralRequest | None:
    """Return the referral of a transfer slip (XML13); None when it names no other facility to go to."""
    recipient = row.get("MA_CSKCB_DEN") or row.get("MA_NOI_DEN")
    if not recipient or recipient == dossier.facility:
        return None
    return referral_service_pb2.CreateReferralRequest(
        referral=referral_pb2.Referral(
            person=person_name(dossier.person),
            sender=facility_name(dossier.facility),
            recipient=facility_name(recipient),
            slip_number=row.get("GIAY_CHUYEN_TUYEN"),
            reason_code=row.get("MA_LYDO_CT"),
            diagnosis=diagnosis(row),
            issue_time=timestamp(dossier.discharge_time),
            source_dossier=source(dossier),
        ),
        slip=slip,
        slip_media_type=XML,
    )


def appointment(row: Row, dossier: Dossier) -> appointment_service_pb2.CreateAppointmentRequest:
    """Return the appointment of a re-examination slip (XML14)."""
    return appointment_service_pb2.CreateAppointmentRequest(
        appointment=appointment_pb2.Appointment(
            person=person_name(dossier.person),
            facility=facility_name(dossier.facility),
            day=day(row.get("NGAY_HEN_KL")),
            slip_number=row.get("SO_GIAYHEN_KL"),
            diagnosis=diagnosis(row),
            care_category=row.get("MA_DOITUONG_KCB"),
            source_dossier=source(dossier),
        )
    )


def diagnosis(row: Row) -> Coding:
    return Coding(
        system="ICD-10", code=row.get("MA_BENH_CHINH")[:100], display=row.get("CHAN_DOAN_RV")[:1024]
    )


def source(dossier: Dossier) -> str:
    return f"//records.lientuyen/dossiers/{dossier.id}"


def day(value: str) -> Date:
    """Return the day in yyyyMMdd, with or without a time."""
    found = datetime.strptime(value[:8], "%Y%m%d")  # noqa: DTZ007
    return Date(year=found.year, month=found.month, day=found.day)
