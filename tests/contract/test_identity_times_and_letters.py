"""Identity takes nothing that happens in the future, and finds people however their names are written."""

import asyncio
import unicodedata
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from grpc import StatusCode

from chassis import clock, migrate
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.identity.v1 import error_reasons as reasons
from lientuyen.identity.v1 import facility_service_pb2 as facilities
from lientuyen.identity.v1 import person_service_pb2 as service
from lientuyen.identity.v1.person_pb2 import Address, Identifier
from lientuyen.type.v1.date_pb2 import Date
from lientuyen_client.cli.import_register import import_file
from tests.fake_portal import FakePortal
from tests.harness import World, refused

from .identity_env import TREATMENT, Identity, coverage_row, facility_row, key, only, person_row, stream
from .portal_env import IdentityWithPortal, known_card
from .test_identity_migrations import PACKAGE, WRITE, bring_to, run

NOON = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)
TOMORROW = Date(year=2026, month=11, day=26)


@pytest.fixture
async def identity(world: World) -> Identity:
    return await Identity(world).start()


@pytest.fixture
async def portal() -> AsyncIterator[FakePortal]:
    running = await FakePortal().start()
    yield running
    await running.stop()


def faults(refusal: Any) -> list[tuple[str, str]]:
    return [(violation.field, violation.rule) for violation in refusal.violations]


async def test_nobody_is_registered_who_is_not_born_yet(identity: Identity):
    request = service.RegisterPersonRequest(
        request_id=key(),
        kind=service.RegisterPersonRequest.KIND_UNKNOWN,
        facility="facilities/01999",
        birth_date=TOMORROW,
        address=Address(as_of=TOMORROW),
        access=TREATMENT,
    )

    with clock.fixed(NOON):
        refusal = await refused(identity.persons().RegisterPerson(request))

    assert (refusal.code, refusal.reason) == (
        StatusCode.INVALID_ARGUMENT,
        reasons.REGISTRATION_INCOMPLETE.name,
    )
    assert faults(refusal) == [("address.as_of", "time-in-future"), ("birth_date", "time-in-future")]


async def test_nobody_is_looked_for_who_is_not_born_yet(identity: Identity):
    demographics = service.Demographics(full_name="Trần Văn Thử", birth_date=TOMORROW)
    request = service.MatchPersonsRequest(demographics=demographics, access=TREATMENT)

    with clock.fixed(NOON):
        refusal = await refused(identity.persons().MatchPersons(request))

    assert refusal.reason == chassis_reasons.FIELDS_INVALID.name
    assert faults(refusal) == [("demographics.birth_date", "time-in-future")]


async def test_rows_of_the_future_are_refused_one_by_one(identity: Identity):
    number = service.IdentifierRow(
        kind=Identifier.KIND_PASSPORT, value="B1", state=Identifier.STATE_CURRENT, valid_from=TOMORROW
    )
    with clock.fixed(NOON):
        progress = await identity.import_persons(
            person_row(birth_date=TOMORROW),
            person_row(source_key="a", personal_id="", address=Address(as_of=TOMORROW)),
            person_row(source_key="b", personal_id="", identifiers=[number]),
            person_row(source_key="c", personal_id="", birth_date=Date(year=2026, month=11, day=25)),
        )

    assert [(one.row, one.field, one.rule) for one in progress.refusals] == [
        (1, "birth_date", "time-in-future"),
        (2, "address.as_of", "time-in-future"),
        (3, "identifiers[0].valid_from", "time-in-future"),
    ]
    assert progress.rows_stored == 1


async def test_a_card_and_a_consent_may_begin_tomorrow(identity: Identity):
    person = await identity.person()
    with clock.fixed(NOON):
        progress = await identity.import_coverages(coverage_row(valid_from=TOMORROW))
        consent = await identity.consent(person.name, valid_from=TOMORROW)

    assert list(progress.refusals) == []
    assert consent.valid_from == TOMORROW


async def test_letters_lost_in_a_register_are_stored_and_warned_about(identity: Identity):
    progress = await identity.import_persons(
        person_row(full_name="Tr?n V?n Th?"), person_row(source_key="b", personal_id="", old_id="")
    )
    found = await identity.persons().FindPerson(
        service.FindPersonRequest(personal_id="001485000016", access=TREATMENT)
    )

    assert (progress.rows_stored, progress.rows_warned) == (2, 1)
    assert [(one.row, one.field, one.rule) for one in progress.warnings] == [
        (1, "full_name", "full_name.lost_letters")
    ]
    assert "full_name.lost_letters" in [one.rule for one in found.plausibilities]


async def test_letters_lost_at_a_desk_are_told_with_the_registration(identity: Identity):
    request = service.RegisterPersonRequest(
        request_id=key(),
        kind=service.RegisterPersonRequest.KIND_UNKNOWN,
        facility="facilities/01999",
        full_name="Tr?n V?n Th?",
        access=TREATMENT,
    )

    answer = await identity.persons().RegisterPerson(request)

    assert [(one.field, one.rule) for one in answer.plausibilities] == [
        ("full_name", "full_name.lost_letters")
    ]


async def test_a_clerk_who_brings_a_file_is_told_of_lost_letters(
    identity: Identity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("LIENTUYEN_IDENTITY", identity.running.address)
    monkeypatch.setenv("LIENTUYEN_TLS", str(identity.world.pki.folder("authority/bhxh").path))
    file = tmp_path / "people.csv"
    file.write_text("personal_id,full_name\n001485000016,Tr?n V?n Th?\n", encoding="utf8")

    code = await import_file("persons", file, "authority/bhxh", afresh=False, as_json=True)

    lines = (tmp_path / "people.warned.csv").read_text(encoding="utf8").splitlines()
    assert (code, len(lines), lines[1].startswith("1,full_name,full_name.lost_letters,")) == (0, 2, True)
    assert '"warned": 1' in capsys.readouterr().out


async def test_letters_lost_in_the_directory_are_warned_about(identity: Identity):
    rows = [facility_row("02999", display_name="B?nh vi?n m?u")]
    request = facilities.ImportFacilitiesRequest(request_id=key(), first_row=1, rows=rows)
    progress = await only(identity.facilities("authority/byt").ImportFacilities(stream(request)))

    assert [(one.field, one.rule) for one in progress.warnings] == [
        ("display_name", "display_name.lost_letters")
    ]


@pytest.mark.parametrize(
    "stored",
    [
        "Ðặng Thị Ước",
        unicodedata.normalize("NFD", "Đặng Thị Ước"),
        "Đặ\u200bng Thị\u00a0Ước",
        "Đă\u0323ng Thi\u0323 Ươ\u0301c",
    ],
)
async def test_a_person_is_matched_however_the_register_wrote_the_name(identity: Identity, stored: str):
    await identity.person(full_name=stored)
    asked = service.Demographics(full_name="Đặng Thị Ước", birth_date=Date(year=1985))

    found = await identity.persons().MatchPersons(
        service.MatchPersonsRequest(demographics=asked, access=TREATMENT)
    )

    (candidate,) = found.candidates
    name = next(weight for weight in candidate.weights if weight.field == "full_name")
    assert name.note == "same"


async def test_whoever_was_stored_before_the_key_knew_their_letters_is_found_after(world: World):
    """The index of names is made anew, for its keys were made by another function."""
    url = world.databases.empty()
    await asyncio.to_thread(bring_to, url, "0006_pre_reviews")
    await asyncio.to_thread(run, url, WRITE.replace("Trần Văn Thử", "Lê Thị Ðào"))
    await asyncio.to_thread(migrate.upgrade, PACKAGE, url)
    identity = await Identity(world).start(database_url=url)
    asked = service.Demographics(full_name="Lê Thị Đào", birth_date=Date(year=1985))

    found = await identity.persons().MatchPersons(
        service.MatchPersonsRequest(demographics=asked, access=TREATMENT)
    )

    assert [one.person.full_name for one in found.candidates] == ["Lê Thị Ðào"]


async def test_what_the_portal_is_said_to_have_confirmed_tomorrow_is_asked_again(
    world: World, portal: FakePortal
):
    identity = await IdentityWithPortal(world).start(portal_url=portal.url, coverage_fresh_seconds=600)
    await identity.import_persons(person_row())
    await identity.import_coverages(known_card())
    await identity.rows("UPDATE coverages SET source = 'portal', verify_time = now() + interval '1 year'")

    await identity.check()

    assert len(portal.questions) == 1
