"""Every date and time that a caller sends is known: it has happened, or it may lie ahead, or it only asks."""

import re
from collections.abc import Iterator

from google.protobuf.descriptor_pb2 import DescriptorProto

from services.unimplemented import UNIMPLEMENTED

from .contract import ROOT, messages, methods

TIMES = (".google.protobuf.Timestamp", ".lientuyen.type.v1.Date")

# What has happened: refused in the future, by `common.values.is_future` (docs/adr/0035).
HAPPENED = {
    "identity.CheckEligibilityRequest.transfer_slip_date",
    "identity.CoPayment.day",
    "identity.RegisterPersonRequest.birth_date",
    "identity.Demographics.birth_date",
    "identity.PersonRow.birth_date",
    "identity.Address.as_of",
    "identity.IdentifierRow.valid_from",
    "identity.FacilityCertificate.revoke_time",
    "records.Immunization.immunize_time",
    "records.ImmunizationReaction.onset_time",
    "records.ShownPerson.birth_date",
    "identity.RevokeSigningCertificateRequest.revoke_time",
    "pharmacy.Prescription.prescribe_time",
    "routing.Referral.issue_time",
    "routing.ReferralOutcome.discharge_time",
}

# What may lie ahead.
AHEAD = {
    "identity.IdentifierRow.valid_to",
    "identity.Consent.valid_from",
    "identity.Consent.valid_to",
    "identity.CoverageRow.valid_from",
    "identity.CoverageRow.valid_to",
    "identity.CoverageRow.five_years_date",
    "identity.CoverageRow.exempt_from",
    "identity.FacilityRow.open_date",
    "identity.FacilityRow.close_date",
    "identity.FacilityRow.unsigned_until",
    "identity.LaboratoryRecognition.valid_from",
    "identity.LaboratoryRecognition.valid_to",
    "identity.PractitionerRow.valid_from",
    "identity.PractitionerRow.valid_to",
    "identity.LendingRow.valid_from",
    "identity.LendingRow.valid_to",
    "pharmacy.DispenseLine.lot_expiry",
    "records.Immunization.lot_expiry",
    "pharmacy.Tranche.start_day",
    "pharmacy.Tranche.end_day",
    "routing.Appointment.day",
    "routing.Consultation.answer_by_time",
}

# What only asks: about a day, or for what lies before or after.
ASKED = {
    "identity.CheckEligibilityRequest.day",
    "identity.CheckEligibilityRequest.treatment_start",
    "identity.ListPractitionersRequest.day",
    "identity.CheckLicenceRequest.day",
    "identity.ListProvincesRequest.as_of",
    "identity.ResolvePlaceRequest.as_of",
    "records.GetHealthBookRequest.arrived_before",
    "records.GetHealthBookRequest.as_of",
    "records.ListResultsRequest.since",
    "records.ListDossiersRequest.received_since",
    "records.ListHeldRecordsRequest.since",
    "records.ListHeldRecordsRequest.until",
    "routing.RecordRequest.records_since",
    "routing.RecordRequest.records_until",
    "records.ListEncountersRequest.due_since",
}

# What the server sets, or reads out of a certificate; ignored when it is sent.
SET_BY_SERVER = {
    "identity.Consent.create_time",
    "identity.Consent.withdraw_time",
    "identity.FacilityCertificate.valid_from_time",
    "identity.FacilityCertificate.valid_to_time",
    "identity.Node.update_time",
    "records.Immunization.receive_time",
    "pharmacy.Prescription.create_time",
    "pharmacy.Prescription.expire_time",
    "routing.Appointment.cancel_time",
    "routing.Appointment.create_time",
    "routing.Appointment.remind_time",
    "routing.Appointment.use_time",
    "routing.Consultation.answer_time",
    "routing.Consultation.create_time",
    "routing.Consultation.decline_time",
    "routing.Consultation.expire_time",
    "routing.Consultation.take_time",
    "routing.Consultation.withdraw_time",
    "routing.RecordRequest.create_time",
    "routing.RecordRequest.finish_time",
    "routing.RecordRequest.deadline",
    "routing.Holder.answer_time",
    "routing.Referral.accept_time",
    "routing.Referral.cancel_time",
    "routing.Referral.complete_time",
    "routing.Referral.create_time",
    "routing.Referral.decline_time",
    "routing.Referral.deliver_time",
    "routing.Referral.expire_time",
    "routing.Referral.read_until_time",
    "routing.Referral.use_time",
    "routing.Referral.valid_until",
}


# What another node says, and what is only compared here.
SAID_BY_NODES = {
    "routing.RelayHeader.enqueue_time",
    "routing.RelayedPerson.birth_date",
}


def sent(message: DescriptorProto, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Give the full names of the dates and times in *message*, at any depth."""
    for one in message.field:
        if one.type_name in TIMES:
            yield f"{message.name}.{one.name}"
        elif one.type_name in messages() and one.type_name not in seen:
            yield from sent(messages()[one.type_name], seen | {one.type_name})


def test_every_date_that_is_sent_is_known():
    built = [method for method in methods() if method.full not in UNIMPLEMENTED]
    names = {f"{method.owner}.{name}" for method in built for name in sent(method.request)}

    assert names == HAPPENED | AHEAD | ASKED | SET_BY_SERVER | SAID_BY_NODES


# Who adds to a day or an instant without it: to constants of the law and to our own clock, no caller told.
OWN_SUMS = {
    "common/values.py",
    "services/identity/model/eligibility/care_categories.py",
    "services/identity/model/places.py",
    "services/identity/portal/reply.py",
    "services/identity/service/places.py",
    "services/pharmacy/model/prescriptions.py",
    "services/records/model/encounter_deadlines.py",
}
SUM = re.compile(r"[-+]=? timedelta\(|\.replace\(year")


def test_what_a_caller_told_is_added_to_within_the_calendar():
    """A sum beyond 9999-12-31 is an OverflowError: `common.values` has the one way to add."""
    modules = [path for room in ("common", "kcb", "services") for path in (ROOT / room).rglob("*.py")]
    sums = {str(path.relative_to(ROOT)) for path in modules if SUM.search(path.read_text(encoding="utf8"))}

    assert sums == OWN_SUMS
