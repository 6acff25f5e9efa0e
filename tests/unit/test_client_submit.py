"""What `lientuyen submit` says of the slips of a dossier."""

from lientuyen.records.v1.dossier_pb2 import DossierSlip
from lientuyen.records.v1.finding_pb2 import Finding
from lientuyen_client.cli.submit import SLIP_STATES, slip_line, slip_object


def test_a_slip_that_is_not_sent_is_told_with_its_field_and_why():
    finding = Finding(
        rule="slip-recipient-unknown", path="XML13.MA_CSKCB_DEN", message_vi="Không có cơ sở này."
    )
    slip = DossierSlip(table="XML13", state=DossierSlip.STATE_NOT_SENT, finding=finding)

    assert slip_object(slip)["rule"] == "slip-recipient-unknown"
    assert slip_line(slip_object(slip)) == (
        "  [yellow]XML13  không gửi được  XML13.MA_CSKCB_DEN: Không có cơ sở này.[/]"
    )


def test_a_slip_that_was_sent_is_told_with_what_it_became():
    slip = DossierSlip(table="XML14", state=DossierSlip.STATE_ISSUED, resource="//routing.lientuyen/x")

    assert slip_line(slip_object(slip)) == "  [dim]XML14  đã phát hành  //routing.lientuyen/x[/]"


def test_every_state_of_a_slip_has_its_vietnamese_words():
    assert set(SLIP_STATES) == set(DossierSlip.State.keys()) - {"STATE_UNSPECIFIED"}
