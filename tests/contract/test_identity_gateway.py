"""Eligibility with the insurance portal behind it: a real HTTP server that misbehaves in the ways we know."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis import clock, telemetry
from lientuyen.identity.v1 import coverage_pb2 as pb
from lientuyen.type.v1.date_pb2 import Date
from tests import fake_portal
from tests.contract.identity_env import OTHER, person_row
from tests.contract.portal_env import (
    CARD,
    NAME,
    NUMBER,
    PORTAL_CARD,
    IdentityWithPortal,
    known_card,
    many_people,
    verdict,
)
from tests.fake_portal import FakePortal
from tests.harness import World, eventually


@pytest.fixture
async def portal() -> AsyncIterator[FakePortal]:
    running = await FakePortal().start()
    yield running
    await running.stop()


@pytest.fixture
async def identity(world: World, portal: FakePortal) -> IdentityWithPortal:
    identity = await IdentityWithPortal(world).start(portal_url=portal.url)
    await identity.person()
    await identity.put_verifications_off()
    return identity


async def test_the_portal_decides_and_what_it_told_is_kept(identity: IdentityWithPortal, portal: FakePortal):
    await identity.import_coverages(known_card())

    answer = await identity.check()

    assert verdict(answer) == (True, "000", False, "")
    assert answer.card_number == PORTAL_CARD
    question = portal.questions[0]
    assert (question["maThe"], question["hoTen"], question["ngaySinh"]) == (NUMBER, NAME, "09/03/1985")
    assert (question["hoTenCb"], question["cccdCb"]) == (fake_portal.STAFF_NAME, fake_portal.STAFF_ID)
    kept = await identity.rows("SELECT card_number, source FROM coverages WHERE unlisted_time IS NULL")
    assert [tuple(row) for row in kept] == [(PORTAL_CARD, "portal")]
    # What a register brought and the portal names no more stays, but counts for the days before only.
    [[unlisted]] = await identity.rows("SELECT card_number FROM coverages WHERE unlisted_time IS NOT NULL")
    assert unlisted != PORTAL_CARD
    await portal.stop()
    assert (await identity.check()).card_number == PORTAL_CARD
    await portal.start()
    assert (await identity.check(card_number=PORTAL_CARD)).person == answer.person


# mode → whether the known card still counts, the stale reason
MISBEHAVIOURS = {
    "silent": "UPSTREAM_TIMEOUT",
    "reset": "UPSTREAM_DOWN",
    "half": "UPSTREAM_DOWN",
    "500": "UPSTREAM_DOWN",
    "503": "UPSTREAM_DOWN",
    "101": "UPSTREAM_DOWN",
    "404": "UPSTREAM_REFUSED",
    "100": "UPSTREAM_REFUSED",
    "205": "UPSTREAM_REFUSED",
    "429": "UPSTREAM_BUSY",
    "html": "UPSTREAM_ODD",
    "empty": "UPSTREAM_ODD",
    "list": "UPSTREAM_ODD",
    "huge": "UPSTREAM_ODD",
    "redirect": "UPSTREAM_ODD",
    "compressed": "UPSTREAM_ODD",
    "unknown code": "UPSTREAM_ODD",
    "long code": "UPSTREAM_ODD",
    "no code": "UPSTREAM_ODD",
    "bad dates": "UPSTREAM_ODD",
    "other person": "UPSTREAM_MISMATCH",
    "060": "UPSTREAM_MISMATCH",
}


async def test_every_misbehaviour_gives_the_last_known_answer_with_its_reason(
    identity: IdentityWithPortal, portal: FakePortal, capfd: pytest.CaptureFixture[str]
):
    await identity.import_coverages(known_card())
    # Silence is waited for as long as the portal may take: it alone is met by a replica that is in a hurry.
    hurried = await identity.replica(portal_url=portal.url, portal_seconds=0.5)
    stale_reasons = {}
    for mode in MISBEHAVIOURS:
        portal.mode = mode
        answer = await (hurried if mode == "silent" else identity).check()
        assert (answer.covered, answer.card_number, answer.stale) == (True, CARD, True), mode
        assert answer.HasField("age"), mode
        assert answer.message_vi.endswith("chưa xác minh được thẻ, không từ chối người bệnh."), mode
        assert answer.reasons[-1].code == pb.EligibilityReason.CODE_STALE, mode
        stale_reasons[mode] = answer.stale_reason

    assert stale_reasons == MISBEHAVIOURS
    said = "".join(capfd.readouterr())
    for secret in (
        NAME,
        NAME.upper(),
        NUMBER,
        CARD,
        fake_portal.PASSWORD,
        fake_portal.DIGEST,
        fake_portal.STAFF_NAME,
        "token-1",
    ):
        assert secret not in said


@pytest.mark.parametrize(
    ("mode", "begin", "end"),
    [
        ("number code", None, None),
        ("sample dates", Date(year=2026, month=1, day=1), Date(year=2026, month=12, day=31)),
        ("iso dates", Date(year=2026, month=1, day=1), Date(year=2026, month=12, day=31)),
        ("no end", None, Date()),
        ("visits", None, None),
        ("401 status", None, None),
    ],
)
async def test_odd_forms_of_a_good_answer_are_read(
    world: World, portal: FakePortal, mode: str, begin: Date | None, end: Date | None
):
    identity = await IdentityWithPortal(world).start(portal_url=portal.url)
    await identity.person()
    portal.mode = mode

    # A card whose dates are not given here is one of this year.
    answer = await identity.check(**({"day": Date(year=2026, month=11, day=21)} if begin else {}))

    assert verdict(answer) == (True, "000", False, "")
    assert answer.card_number == PORTAL_CARD
    assert begin is None or answer.valid_from == begin
    assert end is None or answer.valid_to == end


async def test_with_nothing_known_and_a_silent_portal_the_answer_is_unknown_and_no_refusal(
    identity: IdentityWithPortal, portal: FakePortal
):
    portal.mode = "500"

    answer = await identity.check()

    assert verdict(answer) == (False, "101", True, "UPSTREAM_DOWN")
    assert not answer.rate_known
    assert not answer.HasField("age")
    assert "không từ chối người bệnh" in answer.message_vi


async def test_an_unknown_code_is_passed_on(identity: IdentityWithPortal, portal: FakePortal):
    portal.mode = "unknown code"

    answer = await identity.check()

    assert verdict(answer) == (False, "777", True, "UPSTREAM_ODD")


async def test_codes_without_a_card_are_answers_of_the_portal(
    identity: IdentityWithPortal, portal: FakePortal
):
    await identity.import_coverages(known_card())
    portal.people[NUMBER] = {"maKetQua": "110", "maThe": "", "gtTheTu": ""}

    assert verdict(await identity.check()) == (False, "110", False, "")

    portal.mode = "500"
    assert verdict(await identity.check()) == (False, "110", True, "UPSTREAM_DOWN")


async def test_a_number_that_the_portal_does_not_know_is_followed_by_the_next(
    identity: IdentityWithPortal, portal: FakePortal
):
    portal.people[NUMBER] = {"maKetQua": "050"}

    answer = await identity.check()

    assert verdict(answer) == (True, "000", False, "")
    assert [question["maThe"] for question in portal.questions] == [NUMBER, "0000000001"]


async def test_both_periods_of_an_exchanged_card_are_read(identity: IdentityWithPortal, portal: FakePortal):
    portal.people[NUMBER] = {
        "maKetQua": "003",
        "gtTheTu": "01/01/2025",
        "gtTheDen": "30/06/2026",
        "maTheMoi": "HT3010000000001",
        "gtTheTuMoi": "01/07/2026",
        "gtTheDenMoi": "31/12/2027",
        "maKV": "K2",
    }

    now = await identity.check(day=Date(year=2026, month=11, day=21), card_number=CARD)
    then = await identity.check(day=Date(year=2026, month=3, day=1))

    assert (now.card_number, now.benefit_level, now.area_code) == ("HT3010000000001", 3, "K2")
    assert (then.card_number, then.result_code) == (PORTAL_CARD, "000")


async def test_a_number_nobody_has_is_answered_as_ever_and_the_portal_is_not_asked(
    identity: IdentityWithPortal, portal: FakePortal
):
    answer = await identity.check(personal_id="001485999999")

    assert verdict(answer) == (False, "050", False, "")
    assert portal.questions == []


async def test_an_entry_without_a_name_cannot_be_asked_about(world: World, portal: FakePortal):
    identity = await IdentityWithPortal(world).start(portal_url=portal.url)
    progress = await identity.import_persons(person_row(birth_date=None))
    assert list(progress.refusals) == []

    answer = await identity.check()

    assert verdict(answer) == (False, "205", True, "ENTRY_INCOMPLETE")
    assert (portal.questions, await identity.verifications()) == ([], [])


async def test_fifty_checks_of_one_person_are_one_question(identity: IdentityWithPortal, portal: FakePortal):
    # Whoever comes after the answer is not to ask again either: then it does not matter how late.
    identity = await identity.replica(portal_url=portal.url, coverage_fresh_seconds=600)
    portal.hold()
    checks = [asyncio.create_task(identity.check()) for _ in range(50)]
    counted = "SELECT count(*) = 50 FROM audit WHERE method LIKE '%/CheckEligibility'"
    await eventually(lambda: is_true(identity, counted))
    portal.release()

    answers = await asyncio.gather(*checks)

    assert {verdict(answer) for answer in answers} == {(True, "000", False, "")}
    assert len(portal.questions) == 1


async def is_true(identity: IdentityWithPortal, statement: str) -> bool:
    [[answer]] = await identity.rows(statement)
    return bool(answer)


async def test_the_portal_is_asked_so_many_questions_at_once_and_each_hospital_in_its_turn(
    world: World, portal: FakePortal
):
    identity = await IdentityWithPortal(world).start(portal_url=portal.url, portal_at_once=4)
    people = many_people(13)
    await identity.import_persons(*people)
    portal.delay = 0.05
    portal.hold()
    checks = [asyncio.create_task(identity.check(personal_id=one.personal_id)) for one in people[1:]]
    await eventually(lambda: portal.concurrency == 3)
    checks.append(asyncio.create_task(identity.check(OTHER, personal_id=people[0].personal_id)))
    await eventually(lambda: portal.concurrency == 4)
    portal.release()

    assert not any(answer.stale for answer in await asyncio.gather(*checks))
    assert portal.max_concurrency == 4


async def test_an_answer_of_a_moment_ago_serves_again_but_not_while_the_portal_is_silent(
    world: World, portal: FakePortal
):
    identity = await IdentityWithPortal(world).start(portal_url=portal.url, coverage_fresh_seconds=600)
    await identity.person()
    await identity.put_verifications_off()

    first, second = await identity.check(), await identity.check()

    assert (first.stale, second.stale, len(portal.questions)) == (False, False, 1)
    other = person_row(personal_id="001485000032", social_insurance_number="0000000002", old_id="")
    await identity.import_persons(other)
    portal.mode = "500"
    assert (await identity.check(personal_id="001485000032")).stale
    assert verdict(await identity.check()) == (True, "000", True, "UPSTREAM_DOWN")


async def test_what_a_register_brought_a_moment_ago_is_no_confirmation(world: World, portal: FakePortal):
    identity = await IdentityWithPortal(world).start(portal_url=portal.url, coverage_fresh_seconds=600)
    await identity.person()
    await identity.put_verifications_off()
    await identity.import_coverages(known_card())
    portal.mode = "500"

    answer = await identity.check()

    assert verdict(answer) == (True, "000", True, "UPSTREAM_DOWN")
    portal.mode = "well"
    assert (await identity.check()).card_number == PORTAL_CARD


async def test_what_another_replica_was_told_a_moment_ago_serves_again(
    identity: IdentityWithPortal, portal: FakePortal
):
    await identity.check()
    other = await identity.replica(portal_url=portal.url, coverage_fresh_seconds=600)

    assert verdict(await other.check()) == (True, "000", False, "")
    assert len(portal.questions) == 1


async def test_a_token_is_kept_while_it_holds_and_renewed_once_when_refused(
    identity: IdentityWithPortal, portal: FakePortal
):
    for _ in range(3):
        assert not (await identity.check()).stale
    assert portal.tokens_given == 1

    portal.forget_tokens()

    assert not (await identity.check()).stale
    assert portal.tokens_given == 2


async def test_a_token_is_not_used_after_its_end(identity: IdentityWithPortal, portal: FakePortal):
    portal.token_seconds = 60
    assert not (await identity.check()).stale

    with clock.fixed(datetime(2099, 1, 1, tzinfo=UTC)):
        await identity.check()

    assert portal.tokens_given == 2


async def test_a_refused_account_is_not_tried_again_at_once(identity: IdentityWithPortal, portal: FakePortal):
    portal.mode = "account"

    answers = [await identity.check() for _ in range(8)]

    assert {verdict(answer) for answer in answers} == {(False, "401", True, "ACCOUNT_REFUSED")}
    assert (portal.tokens_given, portal.questions) == (0, [])


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_on")
    kept = InMemorySpanExporter()
    telemetry.setup("identity", exporter=kept)
    yield kept
    telemetry.shutdown()


async def test_a_question_to_the_portal_is_a_span_that_tells_of_nobody(
    spans: InMemorySpanExporter, identity: IdentityWithPortal, portal: FakePortal
):
    await identity.check()
    portal.mode = "html"
    await identity.check()

    found = spans.get_finished_spans()
    asked = [one for one in found if one.name.startswith("coverage.")]
    assert [(one.name, one.attributes["http.response.status_code"]) for one in asked if one.attributes] == [
        ("coverage.take_token", 200),
        ("coverage.look_up", 200),
        ("coverage.look_up", 200),
    ]
    assert [(one.attributes or {}).get("error.type") for one in asked] == [None, None, "UPSTREAM_ODD"]
    parents = {one.context.span_id: one.name for one in found if one.context}
    assert {parents[one.parent.span_id] for one in asked if one.parent} == {
        "lientuyen.identity.v1.EligibilityService/CheckEligibility"
    }
    picture = "".join(one.to_json() for one in found)
    for secret in (NAME, NUMBER, PORTAL_CARD, fake_portal.DIGEST, fake_portal.STAFF_ID, "token-1", "/api/"):
        assert secret not in picture


async def test_a_portal_whose_certificate_nobody_vouches_for_is_told_nothing(world: World):
    folder = world.pki.folder("service/portal").path
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    portal = await FakePortal().start(tls=context)
    world.ending(portal.stop)
    url = f"https://localhost:{portal.port}"
    strict = await IdentityWithPortal(world).start(portal_url=url)
    trusting = await IdentityWithPortal(world).start(portal_url=url, portal_ca_file=folder / "ca.crt")
    await strict.person()
    await trusting.person()

    assert (await strict.check()).stale_reason == "UPSTREAM_DOWN"
    assert (portal.questions, portal.tokens_given) == ([], 0)
    assert verdict(await trusting.check()) == (True, "000", False, "")


async def test_without_a_portal_nothing_is_flagged(world: World):
    identity = await IdentityWithPortal(world).start(portal_url="")
    await identity.person()
    await identity.import_coverages(known_card())

    assert verdict(await identity.check(day=Date(year=2026, month=11, day=21))) == (True, "000", False, "")
