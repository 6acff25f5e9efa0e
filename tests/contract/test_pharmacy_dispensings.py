"""DispensingService: claims, dispensing in parts, races, retries, reversal."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest
from grpc import StatusCode

from chassis import clock
from lientuyen.pharmacy.v1 import dispensing_service_pb2 as pb
from lientuyen.pharmacy.v1 import error_reasons as reasons
from lientuyen.pharmacy.v1 import prescription_service_pb2
from lientuyen.pharmacy.v1.dispensing_pb2 import Dispensing
from lientuyen.pharmacy.v1.medicine_pb2 import Medicine
from lientuyen.pharmacy.v1.prescription_pb2 import Prescription, Tranche
from lientuyen.type.v1 import date_pb2
from tests.contract.pharmacy_town import (
    PARACETAMOL,
    PERSON,
    TREATMENT,
    claim,
    dispense,
    give,
    key,
    line,
    look,
    new_code,
    paper,
    sold,
    town,
)
from tests.world import refused


def generic(**changes) -> Medicine:
    """Another product of paracetamol."""
    it = Medicine()
    it.CopyFrom(PARACETAMOL)
    it.MergeFrom(Medicine(**{"registration_number": "893110123426", "brand": "Panadol", **changes}))
    return it


async def test_two_pharmacies_share_a_prescription_and_the_third_is_refused(world):
    here = await town(world)
    it = await here.issued()
    first, second, third = (here.dispensings(f"pharmacy/NT0000{n}") for n in (1, 2, 3))

    part = await sold(first, it, give(1, 12.5), give(2, 10))
    seen = await here.prescriptions().GetPrescription(look(it))
    rest = await sold(second, it, give(1, 7.5))
    refusal = await refused(third.ClaimPrescription(claim(it)))

    assert part.prescription_state == Prescription.STATE_PARTLY_DISPENSED
    assert [one.remaining.thousandths for one in part.remainders] == [7500, 0]
    assert seen.prescription.state == Prescription.STATE_PARTLY_DISPENSED
    assert list(seen.dispensings) == [part.dispensing]
    assert rest.prescription_state == Prescription.STATE_DISPENSED
    assert (refusal.code, refusal.reason) == (StatusCode.FAILED_PRECONDITION, reasons.NOTHING_LEFT.name)
    assert "hết" in refusal.message_vi


async def test_a_claim_shows_the_prescription_and_keeps_the_others_out(world):
    here = await town(world)
    it = await here.issued()

    held = await here.dispensings().ClaimPrescription(claim(it))
    refusal = await refused(here.dispensings("pharmacy/NT00002").ClaimPrescription(claim(it)))

    assert (held.prescription.name, held.prescription.state) == (it.name, Prescription.STATE_CLAIMED)
    assert len(held.claim.token) == 43
    assert (refusal.code, refusal.reason) == (StatusCode.FAILED_PRECONDITION, reasons.CLAIMED_BY_ANOTHER.name)
    assert refusal.metadata["retry_time"] >= held.claim.expire_time.ToJsonString()[:19]


async def test_the_holder_may_claim_anew_and_the_old_token_is_void(world):
    here = await town(world)
    it = await here.issued()
    stub = here.dispensings()
    old = (await stub.ClaimPrescription(claim(it))).claim.token
    new = (await stub.ClaimPrescription(claim(it))).claim.token

    refusal = await refused(stub.Dispense(dispense(it, old, give(1, 1))))
    answer = await stub.Dispense(dispense(it, new, give(1, 1)))

    assert refusal.reason == reasons.CLAIM_EXPIRED.name
    assert answer.dispensing.lines[0].quantity.thousandths == 1000


async def test_a_claim_runs_out_and_the_next_pharmacy_gets_it(world):
    here = await town(world)
    it = await here.issued()
    held = await here.dispensings().ClaimPrescription(claim(it))

    with clock.fixed(clock.now() + timedelta(minutes=15, seconds=1)):
        answer = await sold(here.dispensings("pharmacy/NT00002"), it, give(1, 1))
        late = await refused(here.dispensings().Dispense(dispense(it, held.claim.token, give(1, 1))))

    assert answer.prescription_state == Prescription.STATE_PARTLY_DISPENSED
    assert late.reason == reasons.CLAIM_EXPIRED.name


async def test_a_released_claim_is_free_at_once_and_its_token_is_spent(world):
    here = await town(world)
    it = await here.issued()
    token = (await here.dispensings().ClaimPrescription(claim(it))).claim.token
    request = pb.ReleaseClaimRequest(request_id=key(), prescription=it.name, claim_token=token)

    answer = await here.dispensings().ReleaseClaim(request)
    await here.dispensings("pharmacy/NT00002").ClaimPrescription(claim(it))
    again = pb.ReleaseClaimRequest(request_id=key(), prescription=it.name, claim_token=token)

    assert answer.prescription_state == Prescription.STATE_ISSUED
    assert (await refused(here.dispensings().ReleaseClaim(again))).reason == reasons.CLAIM_EXPIRED.name


async def test_a_stolen_token_serves_nobody_else(world):
    here = await town(world)
    it = await here.issued()
    token = (await here.dispensings().ClaimPrescription(claim(it))).claim.token

    refusal = await refused(here.dispensings("pharmacy/NT00002").Dispense(dispense(it, token, give(1, 1))))

    assert refusal.reason == reasons.CLAIM_EXPIRED.name


async def test_too_much_of_one_line_refuses_all_and_says_what_is_left(world):
    here = await town(world)
    it = await here.issued()
    stub = here.dispensings()
    token = (await stub.ClaimPrescription(claim(it))).claim.token

    refusal = await refused(stub.Dispense(dispense(it, token, give(2, 1), give(1, 15), give(1, 5.001))))

    assert (refusal.code, refusal.reason) == (
        StatusCode.FAILED_PRECONDITION,
        reasons.QUANTITY_EXCEEDS_REMAINING.name,
    )
    assert refusal.fields == ["lines[2].quantity"]
    assert (refusal.metadata["line"], refusal.metadata["remaining"]) == ("1", "20")
    read = await here.prescriptions().GetPrescription(look(it))
    assert [one.dispensed.thousandths for one in read.prescription.lines] == [0, 0]
    assert (await stub.Dispense(dispense(it, token, give(1, 20)))).dispensing.name


async def test_a_lost_reply_is_given_again_and_nothing_is_done_twice(world):
    here = await town(world)
    it = await here.issued()
    stub = here.dispensings()
    first = claim(it)
    held = await stub.ClaimPrescription(first)
    request = dispense(it, held.claim.token, give(1, 12))

    answers = [await stub.Dispense(request), await stub.Dispense(request)]

    assert answers[0] == answers[1]
    assert await stub.ClaimPrescription(first) == held
    assert len(await here.rows("SELECT 1 FROM dispensings")) == 1
    assert await here.rows("SELECT dispensed FROM prescription_lines WHERE number = 1") == [(12000,)]


async def test_of_a_hundred_pharmacies_that_race_one_wins_and_the_others_hear_it(world):
    here = await town(world)
    it = await here.issued()
    stubs = [here.dispensings(f"pharmacy/NT{n:05d}") for n in range(100)]
    for stub in stubs:  # open the connections, which is not what is raced
        await refused(stub.ClaimPrescription(claim(Prescription(code=new_code()))))

    async def race(stub):
        try:
            return await stub.ClaimPrescription(claim(it), timeout=30)
        except Exception as error:
            return (await refused(raised(error))).reason

    outcomes = await asyncio.gather(*[race(stub) for stub in stubs])

    assert len([one for one in outcomes if not isinstance(one, str)]) == 1
    assert [one for one in outcomes if isinstance(one, str)] == [reasons.CLAIMED_BY_ANOTHER.name] * 99
    assert len(await here.rows("SELECT 1 FROM claims")) == 1


async def raised(error: Exception):
    raise error


async def test_ten_pharmacies_that_sell_as_fast_as_they_can_never_oversell(world):
    here = await town(world)
    it = await here.issued(paper(lines=[line(units=20)]))

    async def trade(number):
        stub, handed = here.dispensings(f"pharmacy/NT{number:05d}"), 0
        for _ in range(12):
            try:
                answer = await sold(stub, it, give(1, 3))
            except Exception as error:
                if (await refused(raised(error))).reason == reasons.NOTHING_LEFT.name:
                    break
                continue
            handed += answer.dispensing.lines[0].quantity.thousandths
        return handed

    handed = sum(await asyncio.gather(*[trade(number) for number in range(10)]))

    counted = await here.rows("SELECT dispensed FROM prescription_lines")
    lines = await here.rows("SELECT sum(quantity)::bigint FROM dispensing_lines")
    assert counted == lines == [(handed,)]
    assert 0 < handed <= 20000


async def test_one_token_used_at_many_tills_at_once_serves_one(world):
    here = await town(world)
    it = await here.issued()
    stub = here.dispensings()
    token = (await stub.ClaimPrescription(claim(it))).claim.token

    calls = [stub.Dispense(dispense(it, token, give(1, 8))) for _ in range(8)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)

    refusals = [(await refused(raised(one))).reason for one in outcomes if isinstance(one, Exception)]
    assert refusals == [reasons.CLAIM_EXPIRED.name] * 7
    assert await here.rows("SELECT dispensed FROM prescription_lines WHERE number = 1") == [(8000,)]


async def test_the_database_itself_refuses_to_oversell(world):
    here = await town(world)
    await here.issued()

    for counter in (20001, -1):
        with pytest.raises(asyncpg.CheckViolationError):
            await here.rows("UPDATE prescription_lines SET dispensed = $1 WHERE number = 1", counter)


async def test_after_five_days_the_rest_is_void_and_what_was_sold_stays(world):
    here = await town(world)
    untouched, part = await here.issued(), await here.issued()
    await sold(here.dispensings(), part, give(1, 5))

    with clock.fixed(clock.now() + timedelta(days=6)):
        refusals = [
            await refused(here.dispensings().ClaimPrescription(claim(it))) for it in (untouched, part)
        ]
        read = await here.prescriptions().GetPrescription(look(part))

    assert [one.reason for one in refusals] == [reasons.PRESCRIPTION_EXPIRED.name] * 2
    assert read.prescription.state == Prescription.STATE_EXPIRED
    assert read.prescription.lines[0].dispensed.thousandths == 5000


async def test_another_product_is_handed_over_when_it_is_alike_and_the_buyer_agrees(world):
    here = await town(world)
    it = await here.issued()
    other = generic()

    answer = await sold(here.dispensings(), it, give(1, 1, drug=other, buyer_agreed=True))

    handed = answer.dispensing.lines[0]
    assert (handed.drug, handed.prescribed, handed.substituted) == (other, PARACETAMOL, True)


async def test_another_strength_or_no_agreement_is_refused(world):
    here = await town(world)
    it = await here.issued()
    stub = here.dispensings()
    token = (await stub.ClaimPrescription(claim(it))).claim.token

    refusal = await refused(
        stub.Dispense(
            dispense(
                it,
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


async def test_an_expired_lot_and_an_unknown_line_are_refused(world):
    here = await town(world)
    it = await here.issued()
    stub = here.dispensings()
    token = (await stub.ClaimPrescription(claim(it))).claim.token
    today = clock.today()
    over = give(1, 1, lot_number="L1", lot_expiry=date_pb2.Date(year=today.year - 1))
    good = give(1, 1, lot_number="L2", lot_expiry=date_pb2.Date(year=today.year, month=today.month))

    lot = await refused(stub.Dispense(dispense(it, token, over)))
    unknown = await refused(stub.Dispense(dispense(it, token, give(9, 1))))
    answer = await stub.Dispense(dispense(it, token, good))

    assert (lot.reason, lot.fields) == (reasons.LOT_EXPIRED.name, ["lines[0].lot_expiry"])
    assert (unknown.code, unknown.reason) == (StatusCode.INVALID_ARGUMENT, reasons.LINE_UNKNOWN.name)
    assert answer.dispensing.lines[0].lot_number == "L2"


async def test_a_narcotic_in_tranches_is_collected_tranche_by_tranche(world):
    here = await town(world)
    today = clock.today()
    days = [today + timedelta(days=n) for n in (0, 9, 10, 19)]
    dates = [date_pb2.Date(year=day.year, month=day.month, day=day.day) for day in days]
    tranches = [
        Tranche(number=1, start_day=dates[0], end_day=dates[1]),
        Tranche(number=2, start_day=dates[2], end_day=dates[3]),
    ]
    lines = [line(units=10, tranche=n, days=10, quantity_words="Mười") for n in (1, 2)]
    it = await here.issued(paper(code=new_code(letter="n"), lines=lines, tranches=tranches))
    stub = here.dispensings()
    token = (await stub.ClaimPrescription(claim(it))).claim.token

    early = await refused(stub.Dispense(dispense(it, token, give(1, 10), give(2, 1))))
    await stub.Dispense(dispense(it, token, give(1, 10)))
    waiting = await refused(stub.ClaimPrescription(claim(it)))
    with clock.fixed(clock.now() + timedelta(days=10)):
        second = await sold(stub, it, give(2, 10))

    assert (early.reason, early.fields) == (reasons.TRANCHE_CLOSED.name, ["lines[1].line"])
    assert waiting.metadata["opens"] == days[2].isoformat()
    assert second.prescription_state == Prescription.STATE_DISPENSED


async def test_a_reversed_dispensing_frees_its_quantities_once(world):
    here = await town(world)
    it = await here.issued()
    stub = here.dispensings()
    made = (await sold(stub, it, give(1, 20), give(2, 10))).dispensing

    def reverse():
        return pb.ReverseDispensingRequest(request_id=key(), name=made.name, reason="Trả lại")

    strange = await refused(here.dispensings("pharmacy/NT00002").ReverseDispensing(reverse()))
    answer = await stub.ReverseDispensing(reverse())
    twice = await refused(stub.ReverseDispensing(reverse()))
    resold = await sold(here.dispensings("pharmacy/NT00002"), it, give(1, 20))

    assert (strange.code, strange.reason) == (StatusCode.PERMISSION_DENIED, reasons.DISPENSING_DENIED.name)
    assert answer.dispensing.state == Dispensing.STATE_REVERSED
    assert answer.prescription_state == Prescription.STATE_ISSUED
    assert twice.reason == reasons.DISPENSING_REVERSED.name
    assert resold.prescription_state == Prescription.STATE_PARTLY_DISPENSED


async def test_only_a_pharmacy_may_claim_and_only_a_facility_issue(world):
    here = await town(world)
    it = await here.issued()

    hospital = await refused(here.dispensings("facility/01999").ClaimPrescription(claim(it)))
    seller = await refused(
        here.prescriptions("pharmacy/NT00001").IssuePrescription(
            prescription_service_pb2.IssuePrescriptionRequest(request_id=key(), prescription=paper())
        )
    )

    assert [hospital.code, seller.code] == [StatusCode.PERMISSION_DENIED] * 2


def listing(**more) -> pb.ListDispensingsRequest:
    return pb.ListDispensingsRequest(**{"access": TREATMENT, **more})


async def test_dispensings_of_a_person_come_in_pages_the_latest_first(world):
    here = await town(world)
    made = []
    for _ in range(3):
        made.append((await sold(here.dispensings(), await here.issued(), give(1, 1))).dispensing)
    records = here.dispensings("service/records")

    first = await records.ListDispensings(listing(person=PERSON, page_size=2))
    second = await records.ListDispensings(
        listing(person=PERSON, page_size=2, page_token=first.next_page_token)
    )

    assert [*first.dispensings, *second.dispensings] == made[::-1]
    assert second.next_page_token == ""


async def test_dispensings_of_a_prescription_are_for_those_whose_record_it_is(world):
    here = await town(world)
    it = await here.issued()
    made = (await sold(here.dispensings(), it, give(1, 1))).dispensing
    request = listing(prescription=it.name)

    for own in ("facility/01999", "pharmacy/NT00001"):
        assert list((await here.dispensings(own).ListDispensings(request)).dispensings) == [made]
    refusal = await refused(here.dispensings("pharmacy/NT00002").ListDispensings(request))
    assert (refusal.code, refusal.reason) == (
        StatusCode.PERMISSION_DENIED,
        reasons.PRESCRIPTION_DENIED.name,
    )
