"""The facilities that `lientuyen up` seeds: each tells what the way of coming is judged by."""

from chassis import clock
from lientuyen_client.demo.people import facility_rows
from services.identity.convert.facilities import facility_row_from_pb
from services.identity.model.facilities import FacilityKind, InitialCare, Level, row_faults

ROWS = [facility_row_from_pb(row) for row in facility_rows()]


def test_every_facility_of_the_demo_could_be_imported():
    checked = [(row.code, [*faults, *row_faults(row, clock.now())]) for row, faults in ROWS]

    assert [(code, faults) for code, faults in checked if faults] == []


def test_no_facility_of_the_demo_leaves_open_what_its_patients_are_paid():
    care = [row for row, _ in ROWS if row.kind != FacilityKind.PHARMACY]

    assert {row.level for row in care} == {Level.INITIAL, Level.BASIC, Level.SPECIALISED}
    for row in care:
        if row.level == Level.INITIAL:
            assert row.known_initial_care is not InitialCare.UNSPECIFIED, row.code
        else:
            assert (row.points > 0, row.former_line > 0) == (True, True), row.code
