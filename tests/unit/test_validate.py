"""The rules of the contract as violations: paths, rules, and sentences without the values."""

import pytest

from chassis.errors import InvalidArgument
from chassis.validate import check, violations_of
from lientuyen.chassis.v1.audit_service_pb2 import ListAccessesRequest
from lientuyen.chassis.v1.outcome_service_pb2 import GetOutcomeRequest
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.date_pb2 import Date


def test_a_message_within_the_rules_passes():
    good = ListAccessesRequest(subject="//identity.lientuyen/persons/5b0e57b1-6b1c-4c51-9c3e-0d8c0a6b4e11")

    assert violations_of(good) == []
    check(good)


def test_all_faults_are_told_at_once_and_counted():
    with pytest.raises(InvalidArgument) as refusal:
        check(AccessContext())

    fields = [one.field for one in refusal.value.violations]
    assert (fields, refusal.value.metadata) == (["practitioner", "purpose", "legal_basis"], {"count": "3"})


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (GetOutcomeRequest(), ("request_id", "string.uuid_empty", "Phải là một UUID.")),
        (GetOutcomeRequest(request_id="1"), ("request_id", "string.uuid", "Phải là một UUID.")),
        (Date(year=1985, day=3), ("", "date.parts", "Ngày không có tháng là không hợp lệ.")),
        (Date(year=0), ("year", "int32.gte_lte", "Ngoài khoảng cho phép.")),
    ],
)
def test_a_fault_names_its_field_its_rule_and_what_to_do_in_vietnamese(message, told):
    (fault,) = violations_of(message)

    assert (fault.field, fault.rule, fault.vi) == told


def test_no_sentence_holds_the_value():
    (fault,) = violations_of(GetOutcomeRequest(request_id="001485000016"))

    assert "001485000016" not in f"{fault.en} {fault.vi}"
