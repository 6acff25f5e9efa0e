"""What is held of a person's encounters."""

from common.names import facility_name
from common.values import timestamp_to_pb
from lientuyen.records.v1 import held_record_service_pb2 as pb

from ..model.held_records import HeldRecord
from .names import dossier_name


def held_record_to_pb(record: HeldRecord) -> pb.HeldRecord:
    return pb.HeldRecord(
        dossier=dossier_name(record.dossier),
        facility=facility_name(record.facility),
        form_of_care=record.form_of_care,
        arrive_time=timestamp_to_pb(record.arrival_time),
        discharge_time=timestamp_to_pb(record.discharge_time),
        result_count=record.result_count,
    )
