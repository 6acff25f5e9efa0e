"""What a referral opens in records: what its sender made, to its recipient, for a time; and nothing else."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from grpc import StatusCode

from lientuyen.records.v1 import error_reasons as reasons
from lientuyen.records.v1 import health_book_service_pb2 as pb
from lientuyen.records.v1 import immunization_service_pb2
from lientuyen.routing.v1 import referral_service_pb2 as referring
from lientuyen.routing.v1.message_pb2 import Notice
from lientuyen.type.v1.access_pb2 import AccessContext
from tests.contract.records_env import PERSON_NAME, Records
from tests.contract.referred_env import RECEIVING, SENDING, THIRD, Stack, without_slips
from tests.contract.routing_env import DISTRICT, PROVINCE
from tests.harness import World, eventually, refused


@pytest.fixture
async def stack(world: World) -> Stack:
    """Results of the sender and of a third hospital, and at the sender some that tell of HIV."""
    stack = await Stack(world).start()
    file = without_slips()
    await stack.records.submit(file.bytes())
    hiv = without_slips().everywhere("MA_LK", "HIV-1").set("XML1", 1, "MA_BENH_KT", "B20")
    await stack.records.submit(hiv.set("XML4", 1, "MA_CHI_SO", "CD4").bytes())
    third = without_slips().everywhere("MA_LK", "THIRD-1").everywhere("MA_CSKCB", "01929")
    await stack.records.submit(third.bytes().replace(b"<MACSKCB>01999", b"<MACSKCB>01929"), THIRD)
    return stack


def ground(
    referral: str,
    purpose: AccessContext.Purpose = AccessContext.PURPOSE_TREATMENT,
    basis: AccessContext.LegalBasis = AccessContext.LEGAL_BASIS_OWN_RECORD,
) -> AccessContext:
    return AccessContext(
        practitioner="000456/HCM-GPHN", purpose=purpose, legal_basis=basis, referral=referral
    )


def facilities_of(reply: pb.ListResultsResponse) -> set[str]:
    return {result.facility.rpartition("/")[2] for result in reply.results}


async def test_the_recipient_reads_the_sender_s_results_and_no_one_else_s_and_nothing_restricted(
    stack: Stack,
):
    referral = await stack.refer()
    await stack.deliver()

    reply = await stack.results(ground(referral))

    assert facilities_of(reply) == {"01999"}
    assert reply.results
    assert "CD4" not in [result.indicator.code for result in reply.results]
    assert reply.own_records_only
    assert list(reply.unreachable) == []


async def test_the_receiving_doctor_gets_the_summary_in_one_go_and_reads_whose_it_is(stack: Stack):
    referral = await stack.refer()
    await stack.deliver()

    summary = await stack.records.books(RECEIVING).GetPatientSummary(
        pb.GetPatientSummaryRequest(person=PERSON_NAME, access=ground(referral))
    )
    book = await stack.records.books(RECEIVING).GetHealthBook(
        pb.GetHealthBookRequest(person=PERSON_NAME, access=ground(referral))
    )
    doses = await stack.records.immunizations(RECEIVING).ListImmunizations(
        immunization_service_pb2.ListImmunizationsRequest(person=PERSON_NAME, access=ground(referral))
    )

    document = json.loads(summary.document)
    told = "\n".join(texts_in(document))
    assert "của nơi chuyển người bệnh (01999)" in told
    assert "Trần Thị Mẫu" in told
    assert "Glucose" in told
    assert "01929" not in told
    assert {entry.facility.rpartition("/")[2] for entry in book.health_book.encounters} == {"01999"}
    assert doses.own_records_only


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, dict):
        for part in value.values():
            yield from texts_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts_in(part)
    elif isinstance(value, str):
        yield value


async def test_nobody_else_reads_by_it_and_for_nothing_else(stack: Stack):
    referral = await stack.refer()
    await stack.deliver()
    payment, consent = AccessContext.PURPOSE_PAYMENT, AccessContext.LEGAL_BASIS_CONSENT
    grounds = [
        (THIRD, ground(referral)),
        ("facility/79024", ground(referral)),
        (RECEIVING, ground(referral, payment)),
        (RECEIVING, ground(referral, basis=consent)),
        (RECEIVING, ground(f"//routing.lientuyen/referrals/{uuid4()}")),
        (RECEIVING, ground("")),
    ]
    seen = [facilities_of(await stack.results(access, who)) - {who[-5:]} for who, access in grounds]

    assert seen == [set()] * len(grounds)
    denied = await refused(
        stack.records.books(THIRD).GetPatientSummary(
            pb.GetPatientSummaryRequest(person=PERSON_NAME, access=ground(referral))
        )
    )
    assert (denied.code, denied.reason) == (StatusCode.PERMISSION_DENIED, reasons.ACCESS_DENIED.name)
    assert denied.metadata["decision"] == "NOT_OWN_RECORD"


async def test_a_referral_of_somebody_else_opens_nothing_and_one_of_a_merged_entry_does(stack: Stack):
    other = stack.identity.add_person()
    referral = await stack.refer(person=other)
    await stack.deliver()

    before = await stack.results(ground(referral))
    stack.identity.merge(other, into=PERSON_NAME)
    after = await stack.results(ground(referral))

    assert (facilities_of(before), facilities_of(after)) == (set(), {"01999"})


@pytest.mark.parametrize("end", ["issued", "declined", "completed", "cancelled", "90 days", "expired"])
async def test_it_is_open_from_the_delivery_to_its_end(stack: Stack, end: str):
    referral = await stack.refer()
    if end != "issued":
        await stack.deliver()
        assert facilities_of(await stack.results(ground(referral))) == {"01999"}
    named = {"request_id": str(uuid4()), "name": referral}
    recipient, sender = stack.routing.referrals(RECEIVING), stack.routing.referrals(SENDING)
    if end == "declined":
        await recipient.DeclineReferral(referring.DeclineReferralRequest(**named, reason="hết giường"))
    elif end == "cancelled":
        await sender.CancelReferral(referring.CancelReferralRequest(**named, reason="nhầm"))
    elif end in ("completed", "90 days"):
        await recipient.AcceptReferral(referring.AcceptReferralRequest(**named))
        assert facilities_of(await stack.results(ground(referral))) == {"01999"}
    if end == "completed":
        named["request_id"] = str(uuid4())
        await recipient.CompleteReferral(referring.CompleteReferralRequest(**named))
    elif end == "90 days":
        await stack.routing.rows("UPDATE referrals SET accept_time = now() - interval '91 days'")
    elif end == "expired":
        await stack.routing.rows("UPDATE referrals SET valid_until = '2026-01-01'")

    assert facilities_of(await stack.results(ground(referral))) == set()


async def test_while_routing_is_silent_a_facility_reads_its_own_and_hears_who_was_not_heard(world: World):
    records = await Records(world).start(routing_address=world.nowhere())
    await records.submit(without_slips().bytes())
    access = ground(f"//routing.lientuyen/referrals/{uuid4()}")
    request = pb.ListResultsRequest(person=PERSON_NAME, access=access)

    sender = await records.books(SENDING).ListResults(request)
    reader = await records.books(RECEIVING).ListResults(request)

    assert facilities_of(sender) == {"01999"}
    assert (facilities_of(reader), list(reader.unreachable)) == (set(), ["routing"])


async def test_each_read_by_a_referral_is_in_the_access_log_of_both_services(stack: Stack):
    referral = await stack.refer()
    await stack.deliver()
    await stack.results(ground(referral))

    of_records = await stack.records.audit(PERSON_NAME)
    of_routing = await stack.routing.audit(PERSON_NAME)
    assert (RECEIVING, "HealthBookService/ListResults", True, False) in of_records
    reasons_kept = await stack.records.rows("SELECT reason FROM audit WHERE method LIKE '%ListResults'")
    assert [row["reason"] for row in reasons_kept] == [referral]
    assert ("service/records", "ReferralService/GetReferral", True, False) in of_routing


def coming_with(slip_number: str, link_key: str) -> bytes:
    """A dossier of the recipient about a patient who came with a slip of the sender."""
    file = without_slips().everywhere("MA_LK", link_key).everywhere("MA_CSKCB", "79999")
    file.set("XML1", 1, "MA_NOI_DI", "01999").set("XML1", 1, "GIAY_CHUYEN_TUYEN", slip_number)
    return file.bytes().replace(b"<MACSKCB>01999", b"<MACSKCB>79999")


async def test_the_recipient_s_dossier_uses_the_slip_and_a_second_one_is_told_and_not_refused(stack: Stack):
    referral = await stack.refer(slip_number="TEST-9")
    await stack.deliver()
    named = {"request_id": str(uuid4()), "name": referral}
    await stack.routing.referrals(RECEIVING).AcceptReferral(referring.AcceptReferralRequest(**named))

    async def used_for(link_key: str) -> bool:
        rows = await stack.routing.rows("SELECT encounter, use_time FROM referrals")
        return [row["encounter"] for row in rows] == [link_key]

    await stack.records.submit(coming_with("TEST-9", "CAME-1"), RECEIVING)
    await eventually(lambda: used_for("CAME-1"))
    await stack.records.submit(coming_with("TEST-9", "CAME-2"), RECEIVING)
    await stack.records.submit(coming_with("TEST-UNKNOWN", "CAME-3"), RECEIVING)
    async with stack.routing.receiving(RECEIVING) as inbox:
        notice = Notice.FromString((await inbox.next(60)).body)

    assert (notice.event, notice.subject) == (Notice.EVENT_REFERRAL_USED_AGAIN, referral)
    assert await used_for("CAME-1")
    waiting = "SELECT FROM outbox WHERE topic = 'slip.use' AND state <> 'done'"
    await eventually(lambda: is_empty(stack, waiting))
    # Another facility may give the same MA_LK: its uses wait for none of these.
    keys = await stack.records.rows("SELECT DISTINCT key FROM outbox WHERE topic = 'slip.use' ORDER BY key")
    assert [row["key"] for row in keys] == ["79999/CAME-1", "79999/CAME-2", "79999/CAME-3"]


async def is_empty(stack: Stack, statement: str) -> bool:
    return not await stack.records.rows(statement)


async def test_a_facility_names_a_referral_and_not_the_number_of_its_slip(stack: Stack):
    request = referring.UseReferralRequest(
        request_id=str(uuid4()), slip_number="1", sender=DISTRICT, recipient=PROVINCE, encounter="X"
    )
    both = referring.UseReferralRequest(
        request_id=str(uuid4()), name=f"referrals/{uuid4()}", slip_number="1", encounter="X"
    )
    asking = stack.routing.referrals(RECEIVING)

    refusals = [await refused(asking.UseReferral(request)), await refused(asking.UseReferral(both))]

    assert [one.code for one in refusals] == [StatusCode.PERMISSION_DENIED, StatusCode.INVALID_ARGUMENT]
