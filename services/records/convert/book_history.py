"""What a health book compiles, and what it lacks, as messages."""

from collections.abc import Iterable, Sequence

from common.names import facility_name
from common.values import coding_to_pb, date_to_pb, timestamp_to_pb
from lientuyen.records.v1 import health_book_pb2 as pb
from lientuyen.type.v1.date_pb2 import Date

from ..model.book_history import AllergyStatement, Condition, VitalSigns, in_order
from ..model.instants import instant_of
from ..model.missing_encounters import Absence, MissingEncounters
from .names import dossier_name

REASONS = {
    Absence.NOT_SENT: pb.MissingEncounters.REASON_NOT_SENT,
    Absence.WITHDRAWN: pb.MissingEncounters.REASON_WITHDRAWN,
    Absence.REPLACED: pb.MissingEncounters.REASON_REPLACED,
}


def history_to_pb(conditions: Sequence[Condition], allergies: Iterable[AllergyStatement]) -> pb.History:
    return pb.History(
        conditions=map(condition_to_pb, in_order(conditions)), allergies=map(allergy_to_pb, allergies)
    )


def condition_to_pb(condition: Condition) -> pb.Condition:
    return pb.Condition(
        coding=coding_to_pb("ICD-10", condition.code),
        text=condition.text,
        long_term=condition.long_term,
        encounter_count=condition.encounter_count,
        first_time=timestamp_to_pb(condition.first_time),
        last_time=timestamp_to_pb(condition.last_time),
    )


def allergy_to_pb(allergy: AllergyStatement) -> pb.AllergyStatement:
    source = allergy.source
    return pb.AllergyStatement(
        dossier=dossier_name(source.dossier) if source else "",
        facility=facility_name(source.facility) if source else "",
        coding=coding_to_pb("ICD-10", allergy.code),
        text=allergy.text,
        date=date_to_pb(allergy.day),
    )


def vital_signs_to_pb(signs: VitalSigns) -> pb.VitalSigns:
    return pb.VitalSigns(
        dossier=dossier_name(signs.source.dossier),
        facility=facility_name(signs.source.facility),
        time=timestamp_to_pb(signs.time),
        pulse=signs.pulse,
        temperature=signs.temperature,
        blood_pressure=signs.blood_pressure,
        breathing=signs.breathing,
    )


def missing_to_pb(missing: MissingEncounters) -> pb.MissingEncounters:
    return pb.MissingEncounters(
        facility=facility_name(missing.facility),
        reason=REASONS[missing.absence],
        count=missing.count,
        since=timestamp_to_pb(missing.since),
    )


def reexamination_dates(written: str) -> list[Date]:
    """Return the days in NGAY_TAI_KHAM, the earliest first; what is none is left out."""
    days = sorted(day for day in map(instant_of, written.split(";")) if day)
    return [date for date in map(date_to_pb, days) if date]
