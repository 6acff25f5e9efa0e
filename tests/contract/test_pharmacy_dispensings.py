"""DispensingService: dispensing in parts, races, retries, reversal."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest
from grpc import StatusCode

from chassis import clock
from lientuyen.pharmacy.v1 import dispensing_service_pb2 as pb
from lientuyen.pharmacy.v1 import error_reasons as reasons
from lientuyen.pharmacy.v1.dispensing_pb2 import Dispensing
from lientuyen.pharmacy.v1.medicine_pb2 import Medicine
from lientuyen.pharmacy.v1.prescription_pb2 import Prescription, Tranche
from lientuyen.type.v1 import date_pb2
from tests.contract.pharmacy_env import (
    PARACETAMOL,
    PERSON,
    TREATMENT,
    Pharmacy,
    claim,
    dispense,
    give,
    key,
    line,
    look,
    new_code,
    paper,
    raised,
    sold,
)
from tests.harness import World, refused


@pytest.fixture
async def pharmacy(world: World) -> Pharmacy:
    return await Pharmacy(world).start()


def generic(**changes) -> Medicine:
    """Another product of paracetamol."""
    medicine = Medicine()
    medicine.CopyFrom(PARACETAMOL)
    medicine.MergeFrom(Medicine(**{"registration_number": "893110123426", "brand": "Panadol", **changes}))
    return medicine


async def test_two_pharmacies_share_a_prescription_and_the_third_is_refused(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()
    first, second, third = (pharmacy.dispensings(f"pharmacy/NT0000{n}") for n in (1, 2, 3))

    part = await sold(first, prescription, give(1, 12.5), give(2, 10))
    seen = await pharmacy.prescriptions().GetPrescription(look(prescription))
    rest = await sold(second, prescription, give(1, 7.5))
    refusal = await refused(third.ClaimPrescription(claim(prescription)))

    assert part.prescription_state == Prescription.STATE_PARTLY_DISPENSED
    assert [one.remaining.thousandths for one in part.remainders] == [7500, 0]
    assert seen.prescription.state == Prescription.STATE_PARTLY_DISPENSED
    assert list(seen.dispensings) == [part.dispensing]
    assert rest.prescription_state == Prescription.STATE_DISPENSED
    assert (refusal.code, refusal.reason) == (StatusCode.FAILED_PRECONDITION, reasons.NOTHING_LEFT.name)
    assert "hết" in refusal.message_vi


async def test_too_much_of_one_line_refuses_all_and_says_what_is_left(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()
    stub = pharmacy.dispensings()
    token = (await stub.ClaimPrescription(claim(prescription))).claim.token

    refusal = await refused(
        stub.Dispense(dispense(prescription, token, give(2, 1), give(1, 15), give(1, 5.001)))
    )

    assert (refusal.code, refusal.reason) == (
        StatusCode.FAILED_PRECONDITION,
        reasons.QUANTITY_EXCEEDS_REMAINING.name,
    )
    assert refusal.fields == ["lines[2].quantity"]
    assert (refusal.metadata["line"], refusal.metadata["remaining"]) == ("1", "20")
    read = await pharmacy.prescriptions().GetPrescription(look(prescription))
    assert [one.dispensed.thousandths for one in read.prescription.lines] == [0, 0]
    assert (await stub.Dispense(dispense(prescription, token, give(1, 20)))).dispensing.name


async def test_a_lost_reply_is_given_again_and_nothing_is_done_twice(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()
    stub = pharmacy.dispensings()
    first = claim(prescription)
    held = await stub.ClaimPrescription(first)
    request = dispense(prescription, held.claim.token, give(1, 12))

    answers = [await stub.Dispense(request), await stub.Dispense(request)]

    assert answers[0] == answers[1]
    assert await stub.ClaimPrescription(first) == held
    assert len(await pharmacy.rows("SELECT 1 FROM dispensings")) == 1
    assert await pharmacy.rows("SELECT dispensed FROM prescription_lines WHERE number = 1") == [(12000,)]


async def test_ten_pharmacies_that_sell_as_fast_as_they_can_never_oversell(pharmacy: Pharmacy):
    prescription = await pharmacy.issued(paper(lines=[line(units=20)]))

    async def trade(number):
        stub, handed = pharmacy.dispensings(f"pharmacy/NT{number:05d}"), 0
        for _ in range(12):
            try:
                answer = await sold(stub, prescription, give(1, 3))
            except Exception as error:
                if (await refused(raised(error))).reason == reasons.NOTHING_LEFT.name:
                    break
                continue
            handed += answer.dispensing.lines[0].quantity.thousandths
        return handed

    handed = sum(await asyncio.gather(*[trade(number) for number in range(10)]))

    counted = await pharmacy.rows("SELECT dispensed FROM prescription_lines")
    lines = await pharmacy.rows("SELECT sum(quantity)::bigint FROM dispensing_lines")
    assert counted == lines == [(handed,)]
    assert 0 < handed <= 20000


async def test_one_token_used_at_many_tills_at_once_serves_one(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()
    stub = pharmacy.dispensings()
    token = (await stub.ClaimPrescription(claim(prescription))).claim.token

    calls = [stub.Dispense(dispense(prescription, token, give(1, 8))) for _ in range(8)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)

    refusals = [(await refused(raised(one))).reason for one in outcomes if isinstance(one, Exception)]
    assert refusals == [reasons.CLAIM_EXPIRED.name] * 7
    assert await pharmacy.rows("SELECT dispensed FROM prescription_lines WHERE number = 1") == [(8000,)]


async def test_the_database_itself_refuses_to_oversell(pharmacy: Pharmacy):
    await pharmacy.issued()

    for counter in (20001, -1):
        with pytest.raises(asyncpg.CheckViolationError):
            await pharmacy.rows("UPDATE prescription_lines SET dispensed = $1 WHERE number = 1", counter)


async def test_after_five_days_the_rest_is_void_and_what_was_sold_stays(pharmacy: Pharmacy):
    untouched, part = await pharmacy.issued(), await pharmacy.issued()
    await sold(pharmacy.dispensings(), part, give(1, 5))

    await pharmacy.rows("UPDATE prescriptions SET expire_time = expire_time - interval '6 days'")
    refusals = [
        await refused(pharmacy.dispensings().ClaimPrescription(claim(prescription)))
        for prescription in (untouched, part)
    ]
    read = await pharmacy.prescriptions().GetPrescription(look(part))

    assert [one.reason for one in refusals] == [reasons.PRESCRIPTION_EXPIRED.name] * 2
    assert read.prescription.state == Prescription.STATE_EXPIRED
    assert read.prescription.lines[0].dispensed.thousandths == 5000


async def test_another_product_is_handed_over_when_it_is_alike_and_the_buyer_agrees(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()
    other = generic()

    answer = await sold(pharmacy.dispensings(), prescription, give(1, 1, drug=other, buyer_agreed=True))

    handed = answer.dispensing.lines[0]
    assert (handed.drug, handed.prescribed, handed.substituted) == (other, PARACETAMOL, True)


async def test_another_strength_or_no_agreement_is_refused(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()
    stub = pharmacy.dispensings()
    token = (await stub.ClaimPrescription(claim(prescription))).claim.token

    refusal = await refused(
        stub.Dispense(
            dispense(
                prescription,
                token,
                give(1, 1, drug=generic()),
                give(1, 1, drug=generic(strength="650 mg"), buyer_agreed=True),
            )
        )
    )

    assert (refusal.code, refusal.reason) == (
        StatusCode.FAILED_PRECONDITION,
        reasons.SUBSTITUTION_REFUSED.name,
    )
    assert refusal.fields == ["lines[0].buyer_agreed", "lines[1].drug.strength"]


async def test_an_expired_lot_and_an_unknown_line_are_refused(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()
    stub = pharmacy.dispensings()
    token = (await stub.ClaimPrescription(claim(prescription))).claim.token
    today = clock.today()
    over = give(1, 1, lot_number="L1", lot_expiry=date_pb2.Date(year=today.year - 1))
    good = give(1, 1, lot_number="L2", lot_expiry=date_pb2.Date(year=today.year, month=today.month))

    lot = await refused(stub.Dispense(dispense(prescription, token, over)))
    unknown = await refused(stub.Dispense(dispense(prescription, token, give(9, 1))))
    answer = await stub.Dispense(dispense(prescription, token, good))

    assert (lot.reason, lot.fields) == (reasons.LOT_EXPIRED.name, ["lines[0].lot_expiry"])
    assert (unknown.code, unknown.reason) == (StatusCode.INVALID_ARGUMENT, reasons.LINE_UNKNOWN.name)
    assert answer.dispensing.lines[0].lot_number == "L2"


async def ten_days_later(pharmacy: Pharmacy) -> None:
    """Move the days of all tranches back by ten: the clock that counts is the database's."""
    await pharmacy.rows(
        """
        UPDATE prescriptions SET tranches = (
            SELECT jsonb_agg(jsonb_build_array(part -> 0,
                CAST(part ->> 1 AS date) - 10, CAST(part ->> 2 AS date) - 10))
            FROM jsonb_array_elements(tranches) AS part)
        """
    )


async def test_a_narcotic_in_tranches_is_collected_tranche_by_tranche(pharmacy: Pharmacy):
    today = clock.today()
    days = [today + timedelta(days=n) for n in (0, 9, 10, 19)]
    dates = [date_pb2.Date(year=day.year, month=day.month, day=day.day) for day in days]
    tranches = [
        Tranche(number=1, start_day=dates[0], end_day=dates[1]),
        Tranche(number=2, start_day=dates[2], end_day=dates[3]),
    ]
    lines = [line(units=10, tranche=n, days=10, quantity_words="Mười") for n in (1, 2)]
    prescription = await pharmacy.issued(paper(code=new_code(letter="n"), lines=lines, tranches=tranches))
    stub = pharmacy.dispensings()
    token = (await stub.ClaimPrescription(claim(prescription))).claim.token

    early = await refused(stub.Dispense(dispense(prescription, token, give(1, 10), give(2, 1))))
    await stub.Dispense(dispense(prescription, token, give(1, 10)))
    waiting = await refused(stub.ClaimPrescription(claim(prescription)))
    await ten_days_later(pharmacy)
    second = await sold(stub, prescription, give(2, 10))

    assert (early.reason, early.fields) == (reasons.TRANCHE_CLOSED.name, ["lines[1].line"])
    assert waiting.metadata["opens"] == days[2].isoformat()
    assert second.prescription_state == Prescription.STATE_DISPENSED


async def test_a_reversed_dispensing_frees_its_quantities_once(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()
    stub = pharmacy.dispensings()
    made = (await sold(stub, prescription, give(1, 20), give(2, 10))).dispensing

    def reverse():
        return pb.ReverseDispensingRequest(request_id=key(), name=made.name, reason="Trả lại")

    strange = await refused(pharmacy.dispensings("pharmacy/NT00002").ReverseDispensing(reverse()))
    answer = await stub.ReverseDispensing(reverse())
    twice = await refused(stub.ReverseDispensing(reverse()))
    resold = await sold(pharmacy.dispensings("pharmacy/NT00002"), prescription, give(1, 20))

    assert (strange.code, strange.reason) == (StatusCode.PERMISSION_DENIED, reasons.DISPENSING_DENIED.name)
    assert answer.dispensing.state == Dispensing.STATE_REVERSED
    assert answer.prescription_state == Prescription.STATE_ISSUED
    assert twice.reason == reasons.DISPENSING_REVERSED.name
    assert resold.prescription_state == Prescription.STATE_PARTLY_DISPENSED


def listing(**more) -> pb.ListDispensingsRequest:
    return pb.ListDispensingsRequest(**{"access": TREATMENT, **more})


async def test_dispensings_of_a_person_come_in_pages_the_latest_first(pharmacy: Pharmacy):
    made = []
    for _ in range(3):
        made.append((await sold(pharmacy.dispensings(), await pharmacy.issued(), give(1, 1))).dispensing)
    records = pharmacy.dispensings("service/records")

    first = await records.ListDispensings(listing(person=PERSON, page_size=2))
    second = await records.ListDispensings(
        listing(person=PERSON, page_size=2, page_token=first.next_page_token)
    )

    assert [*first.dispensings, *second.dispensings] == made[::-1]
    assert second.next_page_token == ""


async def test_dispensings_of_a_prescription_are_for_those_whose_record_it_is(pharmacy: Pharmacy):
    prescription = await pharmacy.issued()
    made = (await sold(pharmacy.dispensings(), prescription, give(1, 1))).dispensing
    request = listing(prescription=prescription.name)

    for own in ("facility/01999", "pharmacy/NT00001"):
        assert list((await pharmacy.dispensings(own).ListDispensings(request)).dispensings) == [made]
    refusal = await refused(pharmacy.dispensings("pharmacy/NT00002").ListDispensings(request))
    assert (refusal.code, refusal.reason) == (StatusCode.PERMISSION_DENIED, reasons.PRESCRIPTION_DENIED.name)
