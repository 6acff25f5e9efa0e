"""Consents, decisions, emergencies and their review."""

from datetime import UTC, datetime, timedelta

import pytest
from grpc import StatusCode

from chassis import clock
from lientuyen.identity.v1 import consent_pb2 as pb
from lientuyen.identity.v1 import consent_service_pb2 as service
from lientuyen.identity.v1 import emergency_access_pb2 as emergency_pb
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.date_pb2 import Date
from tests.contract.identity_env import (
    HOSPITAL,
    OTHER,
    OURS,
    TREATMENT,
    Identity,
    access,
    facility_row,
    key,
)
from tests.harness import World, refused

VNEID = "authority/vneid"
EMERGENCY = access(basis="EMERGENCY", reason="bất tỉnh, không có người nhà")
Reason = pb.Decision


@pytest.fixture
async def identity(world: World) -> Identity:
    return await Identity(world).start()


def withdrawing(consent: pb.Consent, **more: object) -> service.WithdrawConsentRequest:
    return service.WithdrawConsentRequest(**{"request_id": key(), "name": consent.name, **more})


async def test_a_consent_lets_read_and_its_withdrawal_holds_at_the_next_call(identity: Identity):
    person = await identity.person()
    before = await identity.decide(person.name)
    consent = await identity.consent(person.name)

    given = await identity.decide(person.name)
    withdrawn = (await identity.consents().WithdrawConsent(withdrawing(consent))).consent
    after = await identity.decide(person.name)

    assert (before.allowed, before.reason) == (False, pb.Decision.REASON_NO_CONSENT)
    assert before.message_vi == "Từ chối: chưa có văn bản đồng ý của người bệnh."
    assert (given.allowed, given.reason, given.consent) == (
        True,
        pb.Decision.REASON_CONSENT_IN_FORCE,
        consent.name,
    )
    assert given.HasField("expire_time")
    assert not given.flagged
    assert (withdrawn.state, withdrawn.HasField("withdraw_time")) == (pb.Consent.STATE_WITHDRAWN, True)
    assert (after.allowed, after.reason) == (False, pb.Decision.REASON_NO_CONSENT)
    assert not after.HasField("expire_time")
    rows = await identity.audit(person.name)
    assert [row for row in rows if row[1] == "ConsentService/Authorize"] == [
        ("service/records", "ConsentService/Authorize", False, False),
        ("service/records", "ConsentService/Authorize", True, False),
        ("service/records", "ConsentService/Authorize", False, False),
    ]


async def test_a_consent_counts_for_its_facility_purpose_and_days_only(identity: Identity):
    person = await identity.person()
    first, last = Date(year=2026, month=1, day=1), Date(year=2026, month=1, day=31)
    await identity.consent(person.name, valid_from=first, valid_to=last)

    async def allowed(day: datetime, reader: str = "01999", purpose: str = "TREATMENT") -> bool:
        with clock.fixed(day):
            return (await identity.decide(person.name, reader, access=access(purpose))).allowed

    # The 31st ends at midnight in Viet Nam, 17:00 UTC.
    assert await allowed(datetime(2026, 1, 31, 16, 59, tzinfo=UTC))
    assert not await allowed(datetime(2026, 1, 31, 17, 0, tzinfo=UTC))
    assert not await allowed(datetime(2025, 12, 31, 16, 59, tzinfo=UTC))
    assert not await allowed(datetime(2026, 1, 15, tzinfo=UTC), reader="79999")
    assert not await allowed(datetime(2026, 1, 15, tzinfo=UTC), purpose="RESEARCH")


async def test_a_decision_never_outlives_its_consent(identity: Identity):
    person = await identity.person()
    await identity.consent(person.name, valid_to=Date(year=2126, month=1, day=31))

    with clock.fixed(datetime(2126, 1, 31, 16, 59, 50, tzinfo=UTC)):
        decision = await identity.decide(person.name)

    assert decision.expire_time.ToDatetime(UTC) == datetime(2126, 1, 31, 17, tzinfo=UTC)


async def test_a_consent_for_every_facility_comes_from_the_person(identity: Identity):
    person = await identity.person()

    refusal = await refused(identity.consent(person.name, facility=""))
    await identity.consent(person.name, caller=VNEID, facility="")

    assert (refusal.code, refusal.reason) == (
        StatusCode.PERMISSION_DENIED,
        "ERROR_REASON_CONSENT_GRANTEE_DENIED",
    )
    assert [(await identity.decide(person.name, one)).allowed for one in ("01999", "79999", "NT00001")] == [
        True,
        True,
        True,
    ]


async def test_a_facility_neither_grants_withdraws_nor_sees_what_is_another_s(identity: Identity):
    person = await identity.person()
    mine = await identity.consent(person.name)

    grant = await refused(identity.consent(person.name, caller=OTHER, facility="facilities/01999"))
    withdraw = await refused(identity.consents(OTHER).WithdrawConsent(withdrawing(mine)))
    listing = service.ListConsentsRequest(parent=person.name, access=TREATMENT)
    seen = await identity.consents(OTHER).ListConsents(listing)

    assert grant.reason == "ERROR_REASON_CONSENT_GRANTEE_DENIED"
    assert (withdraw.code, withdraw.reason) == (StatusCode.NOT_FOUND, "ERROR_REASON_CONSENT_NOT_FOUND")
    assert list(seen.consents) == []


async def test_restricted_data_need_a_consent_that_names_them(identity: Identity):
    person = await identity.person()
    await identity.consent(person.name)
    both = [pb.DATA_CLASS_CARE, pb.DATA_CLASS_HIV]

    silent = await identity.decide(person.name, data_classes=both)
    emergency = await identity.decide(person.name, data_classes=both, access=EMERGENCY)
    await identity.consent(person.name, data_classes=both)
    named = await identity.decide(person.name, data_classes=both)

    assert (silent.allowed, silent.reason, list(silent.withheld_classes)) == (
        False,
        pb.Decision.REASON_RESTRICTED_CLASS,
        [pb.DATA_CLASS_HIV],
    )
    assert emergency.reason == pb.Decision.REASON_RESTRICTED_CLASS
    assert named.allowed


@pytest.mark.parametrize(
    ("asked", "allowed", "reason"),
    [
        ({"access": access("PATIENT_REQUEST", "DATA_SUBJECT")}, False, "NO_RULE"),
        (
            {"facility": "", "requester": VNEID, "access": access("PATIENT_REQUEST", "DATA_SUBJECT")},
            True,
            "DATA_SUBJECT",
        ),
        ({"facility": "", "requester": VNEID}, False, "NO_RULE"),
        ({"facility": ""}, False, "UNKNOWN"),
        ({"facility": "", "requester": "facility/01999", "access": EMERGENCY}, True, "EMERGENCY"),
        (
            {"facility": "", "requester": "operator/an", "access": access("OPERATIONS", "LEGAL_DUTY")},
            False,
            "NO_RULE",
        ),
        ({"access": access(basis="OWN_RECORD")}, False, "NOT_OWN_RECORD"),
        ({"access": access(basis="OWN_RECORD"), "own_record": True}, True, "OWN_RECORD"),
        ({"access": access(basis="EMERGENCY")}, False, "REASON_MISSING"),
        ({"access": access("PAYMENT", "LEGAL_DUTY")}, False, "NO_RULE"),
        ({"facility": f"{OURS}facilities/01000"}, False, "UNKNOWN"),
        ({"facility": f"{OURS}facilities/NT00001", "access": EMERGENCY}, False, "NO_RULE"),
        ({"person": f"{OURS}persons/5b0e1111-2222-4333-8444-55556666aaaa"}, False, "UNKNOWN"),
    ],
    ids=str,
)
async def test_what_no_rule_allows_is_denied(
    identity: Identity, asked: dict[str, object], allowed: bool, reason: str
):
    person = await identity.person()

    decision = await identity.decide(person.name, **asked)

    assert (decision.allowed, pb.Decision.Reason.Name(decision.reason)) == (allowed, f"REASON_{reason}")


async def test_a_facility_that_is_suspended_reads_nothing(identity: Identity):
    person = await identity.person()
    await identity.consent(person.name)
    await identity.fill_directory([facility_row("01999", state="STATE_SUSPENDED")])

    assert (await identity.decide(person.name)).reason == pb.Decision.REASON_UNKNOWN


@pytest.mark.parametrize("caller", [HOSPITAL, "operator/an", VNEID])
async def test_only_the_services_ask_for_decisions(identity: Identity, caller: str):
    person = await identity.person()
    request = service.AuthorizeRequest(facility="facilities/01999", person=person.name, access=TREATMENT)

    refusal = await refused(identity.consents(caller).Authorize(request))

    assert (refusal.code, refusal.reason) == (StatusCode.PERMISSION_DENIED, "ERROR_REASON_METHOD_DENIED")


def listing(**more: object) -> service.ListEmergencyAccessesRequest:
    return service.ListEmergencyAccessesRequest(**{"access": access("OPERATIONS", "LEGAL_DUTY"), **more})


async def test_an_emergency_is_allowed_flagged_counted_and_reviewed(identity: Identity):
    person = await identity.person()

    first = await identity.decide(person.name, access=EMERGENCY)
    again = await identity.decide(person.name, access=EMERGENCY)
    reviewers = identity.consents("operator/an")
    [found] = (await reviewers.ListEmergencyAccesses(listing())).emergency_accesses

    assert (first.allowed, first.flagged, first.reason) == (True, True, pb.Decision.REASON_EMERGENCY)
    assert (again.emergency_access, again.expire_time) == (first.emergency_access, first.expire_time)
    assert (found.name, found.person, found.facility) == (
        first.emergency_access,
        person.name,
        "//identity.lientuyen/facilities/01999",
    )
    assert (found.use_count, found.reason, found.caller) == (2, EMERGENCY.reason, "service/records")
    assert ("service/records", "ConsentService/Authorize", True, True) in await identity.audit(person.name)

    request = service.ReviewEmergencyAccessRequest(
        request_id=key(), name=found.name, justified=True, note="đúng quy trình", etag=found.etag
    )
    reviewed = (await reviewers.ReviewEmergencyAccess(request)).emergency_access
    repeated = (await reviewers.ReviewEmergencyAccess(request)).emergency_access
    request.request_id = key()
    twice = await refused(reviewers.ReviewEmergencyAccess(request))
    still_open = await reviewers.ListEmergencyAccesses(listing(state="STATE_OPEN"))

    assert (reviewed.state, reviewed.reviewer) == (
        emergency_pb.EmergencyAccess.STATE_JUSTIFIED,
        "operator/an",
    )
    assert repeated == reviewed
    assert (twice.code, twice.reason) == (
        StatusCode.FAILED_PRECONDITION,
        "ERROR_REASON_EMERGENCY_ACCESS_REVIEWED",
    )
    assert list(still_open.emergency_accesses) == []


async def test_an_emergency_runs_out_and_another_reason_is_another_emergency(identity: Identity):
    person = await identity.person()
    now = clock.now()

    first = await identity.decide(person.name, access=EMERGENCY)
    other = await identity.decide(person.name, access=access(basis="EMERGENCY", reason="ngừng tim"))
    await identity.rows("UPDATE emergency_accesses SET expire_time = expire_time - interval '25 hours'")
    later = await identity.decide(person.name, access=EMERGENCY)

    assert len({one.emergency_access for one in (first, other, later)}) == 3
    assert first.expire_time.ToDatetime(UTC) - now < timedelta(hours=24, minutes=1)


async def test_a_facility_sees_its_own_emergencies_and_reviews_none(identity: Identity):
    person = await identity.person()
    await identity.decide(person.name, access=EMERGENCY)
    await identity.decide(person.name, "79999", access=EMERGENCY)

    mine = await identity.consents(OTHER).ListEmergencyAccesses(listing(facility="facilities/79999"))
    all_of_them = await refused(identity.consents(OTHER).ListEmergencyAccesses(listing()))
    review = service.ReviewEmergencyAccessRequest(
        request_id=key(), name=mine.emergency_accesses[0].name, justified=True, note="x"
    )

    assert [one.facility for one in mine.emergency_accesses] == ["//identity.lientuyen/facilities/79999"]
    assert all_of_them.reason == "ERROR_REASON_FACILITY_MISMATCH"
    assert (await refused(identity.consents(OTHER).ReviewEmergencyAccess(review))).code == (
        StatusCode.PERMISSION_DENIED
    )


async def test_emergencies_come_in_pages_newest_first(identity: Identity):
    person = await identity.person()
    for number in range(5):
        await identity.decide(person.name, access=access(basis="EMERGENCY", reason=f"lý do {number}"))
    stub = identity.consents("authority/byt")

    seen, token = [], ""
    while True:
        page = await stub.ListEmergencyAccesses(listing(page_size=2, page_token=token, person=person.name))
        seen.append([one.reason for one in page.emergency_accesses])
        token = page.next_page_token
        if not token:
            break
    foreign = await refused(stub.ListEmergencyAccesses(listing(page_token=token or "x")))

    assert seen == [["lý do 4", "lý do 3"], ["lý do 2", "lý do 1"], ["lý do 0"]]
    assert foreign.reason == "ERROR_REASON_PAGE_TOKEN_INVALID"


async def test_consents_come_in_pages_newest_first_and_their_reading_is_logged(identity: Identity):
    person = await identity.person()
    made = [await identity.consent(person.name) for _ in range(3)]
    await identity.consents().WithdrawConsent(withdrawing(made[1]))
    stub = identity.consents(VNEID)
    own = AccessContext(practitioner="vneid", purpose="PURPOSE_PATIENT_REQUEST", legal_basis=4)

    first = await stub.ListConsents(service.ListConsentsRequest(parent=person.name, page_size=2, access=own))
    rest = await stub.ListConsents(
        service.ListConsentsRequest(
            parent=person.name, page_size=2, page_token=first.next_page_token, access=own
        )
    )
    active = await stub.ListConsents(
        service.ListConsentsRequest(parent=person.name, active_only=True, access=own)
    )

    names = [one.name for one in (*first.consents, *rest.consents)]
    assert names == [one.name for one in reversed(made)]
    assert rest.next_page_token == ""
    assert [one.name for one in active.consents] == [made[2].name, made[0].name]
    assert (VNEID, "ConsentService/ListConsents", True, False) in await identity.audit(person.name)


async def test_a_withdrawal_is_safe_to_repeat_and_an_old_etag_is_stale(identity: Identity):
    person = await identity.person()
    consent = await identity.consent(person.name)
    stub = identity.consents()

    stale = await refused(stub.WithdrawConsent(withdrawing(consent, etag="9")))
    request = withdrawing(consent, etag=consent.etag)
    first, again = await stub.WithdrawConsent(request), await stub.WithdrawConsent(request)
    second = await refused(stub.WithdrawConsent(withdrawing(consent)))

    assert (stale.code, stale.reason) == (StatusCode.ABORTED, "ERROR_REASON_ETAG_STALE")
    assert again == first
    assert (second.code, second.reason) == (
        StatusCode.FAILED_PRECONDITION,
        "ERROR_REASON_CONSENT_WITHDRAWN",
    )


async def test_a_child_s_consent_names_who_agreed(identity: Identity):
    child = await identity.person(birth_date=Date(year=2018, month=5, day=1))
    guardian = pb.Guardian(relation=pb.Guardian.RELATION_PARENT)

    alone = await refused(identity.consent(child.name))
    kept = await identity.consent(child.name, guardian=guardian, child_agreed=True)

    assert alone.reason == "ERROR_REASON_CONSENT_INVALID"
    assert alone.fields == ["consent.guardian", "consent.child_agreed"]
    assert kept.guardian == guardian


async def test_a_guardian_who_has_died_agrees_to_nothing(identity: Identity):
    child = await identity.person(birth_date=Date(year=2018, month=5, day=1))
    mother = await identity.person(
        personal_id="001485000032", social_insurance_number="0000000002", old_id="", deceased=True
    )
    guardian = pb.Guardian(person=mother.name, relation=pb.Guardian.RELATION_PARENT)

    refusal = await refused(identity.consent(child.name, guardian=guardian, child_agreed=True))

    assert (refusal.reason, refusal.fields) == ("ERROR_REASON_CONSENT_INVALID", ["consent.guardian.person"])


async def test_of_more_consents_than_are_weighed_the_newest_count(identity: Identity):
    person = await identity.person()
    await identity.consent(person.name)
    older = (
        "INSERT INTO consents SELECT (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(),"
        " 'create_time', c.create_time - n * interval '1 minute'))).*"
        " FROM consents c, generate_series(1, 120) n"
    )
    await identity.rows(older)
    classes = [pb.DATA_CLASS_CARE, pb.DATA_CLASS_HIV]
    newest = await identity.consent(person.name, data_classes=classes)

    decision = await identity.decide(person.name, data_classes=classes)

    assert (decision.allowed, decision.consent) == (True, newest.name)


async def test_a_consent_without_proof_or_person_is_refused(identity: Identity):
    person = await identity.person()
    bare = service.CreateConsentRequest(
        request_id=key(),
        parent=person.name,
        consent=pb.Consent(facility="facilities/01999", purpose=AccessContext.PURPOSE_TREATMENT),
    )

    proofless = await refused(identity.consents().CreateConsent(bare))
    nobody = await refused(identity.consent(f"persons/{key()}"))

    assert (proofless.code, proofless.fields) == (StatusCode.INVALID_ARGUMENT, ["consent.proof"])
    assert (nobody.code, nobody.reason) == (StatusCode.NOT_FOUND, "ERROR_REASON_PERSON_NOT_FOUND")
