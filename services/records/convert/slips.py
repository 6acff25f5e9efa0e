"""The slips in a dossier as requests to routing: XML13 becomes a referral, XML14 an appointment."""

from common.names import facility_name, person_name
from common.values import date_to_pb, timestamp_to_pb
from kcb.report import Row
from lientuyen.routing.v1 import appointment_pb2, appointment_service_pb2, referral_pb2, referral_service_pb2
from lientuyen.type.v1.coding_pb2 import Coding

from ..model.clinical_history import instant_of
from ..model.dossiers import Dossier
from .names import dossier_name

XML_MEDIA_TYPE = "application/xml"


def referral_request(
    row: Row, slip: bytes, dossier: Dossier
) -> referral_service_pb2.CreateReferralRequest | None:
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
            diagnosis=diagnosis_of(row),
            issue_time=timestamp_to_pb(dossier.discharge_time),
            source_dossier=dossier_name(dossier.id),
        ),
        slip=slip,
        slip_media_type=XML_MEDIA_TYPE,
    )


def appointment_request(row: Row, dossier: Dossier) -> appointment_service_pb2.CreateAppointmentRequest:
    return appointment_service_pb2.CreateAppointmentRequest(
        appointment=appointment_pb2.Appointment(
            person=person_name(dossier.person),
            facility=facility_name(dossier.facility),
            day=date_to_pb(instant_of(row.get("NGAY_HEN_KL")[:8])),
            slip_number=row.get("SO_GIAYHEN_KL"),
            diagnosis=diagnosis_of(row),
            care_category=row.get("MA_DOITUONG_KCB"),
            source_dossier=dossier_name(dossier.id),
        )
    )


def diagnosis_of(row: Row) -> Coding:
    return Coding(
        system="ICD-10", code=row.get("MA_BENH_CHINH")[:100], display=row.get("CHAN_DOAN_RV")[:1024]
    )
