"""
A text with a character that is not seen is refused with the path of its field, wherever a request holds one,
and the refusal leaves its row: every text of every request of the contract gets one in turn.
"""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from grpc import StatusCode

from chassis.texts import text_field
from lientuyen.identity.v1.consent_service_pb2 import ListConsentsRequest, WithdrawConsentRequest
from lientuyen.identity.v1.person_service_pb2 import ImportPersonsRequest
from tests.contract.every_read import READS
from tests.contract.every_write import STORIES
from tests.contract.identity_env import TREATMENT, Identity, access, key, person_row, stream
from tests.contract.recorded_calls import RecordedCalls
from tests.contract.routing_env import PERSON, Routing, upload
from tests.contract.test_wrong_kinds import answered
from tests.harness import World, refused

NUL, OVERRIDE = "\x00", "\u202e"


def texts_of(message: Message, path: str = "") -> Iterator[tuple[str, Callable[[str], None]]]:
    """Yield the path of each text in *message*, and what appends to it."""
    for field, value in message.ListFields():
        where = f"{path}{field.name}"
        if text_field(field).row_by_row:
            continue
        if field.type == FieldDescriptor.TYPE_STRING:
            if field.is_repeated:
                yield f"{where}[0]", lambda text, value=value: value.__setitem__(0, value[0] + text)
            else:
                name = field.name
                yield where, lambda text, name=name: setattr(message, name, getattr(message, name) + text)
        elif field.message_type is not None:
            inner = value[0] if field.is_repeated else value
            yield from texts_of(inner, f"{where}[0]." if field.is_repeated else f"{where}.")


def spoiled(message: Message, text: str) -> Iterator[tuple[str, Message]]:
    """Yield *message* with *text* at the end of one of its texts, for each of them, and the path of that."""
    for index, (path, _) in enumerate(list(texts_of(message))):
        copy: Any = type(message)()
        copy.CopyFrom(message)
        _, append = list(texts_of(copy))[index]
        append(text)
        yield path, copy


async def refusals_logged(service: RecordedCalls) -> int:
    [(count,)] = await service.rows("SELECT count(*) FROM audit WHERE NOT allowed")
    return int(count)


@pytest.mark.parametrize("story", STORIES)
async def test_no_text_of_a_request_hides_anything_and_every_try_leaves_a_row(world: World, story: str):
    recorded, write_all = STORIES[story]
    service = await recorded(world).start()
    await write_all(service)
    asked = [(call.caller, call.method, call.requests[0]) for call in service.calls]
    asked += [(read.caller, read.method, read.request) for read in READS[story](service)]
    by_method = {method: (caller, request) for caller, method, request in asked}
    wrong, tries, before = [], 0, await refusals_logged(service)

    for method, (caller, request) in by_method.items():
        for text in (NUL, OVERRIDE):
            for path, message in spoiled(request, text):
                refusal = await refused(answered(service, caller, method, message))
                rules = {fault.rule for fault in refusal.violations if fault.field == path}
                expected = "text.control" if text == NUL else "text.hidden"
                tries += 1
                if refusal.code is not StatusCode.INVALID_ARGUMENT or expected not in rules:
                    wrong.append((method, path, refusal))

    assert wrong == []
    assert (tries > 0, await refusals_logged(service) - before) == (True, tries)


async def test_the_row_of_a_hidden_text_names_the_person_and_shows_what_was_hidden(world: World):
    identity = await Identity(world).start()
    person = await identity.person()
    grounds = access(reason=f"cấp{OVERRIDE}cứu{NUL} 001485000016")

    await refused(identity.consents().ListConsents(ListConsentsRequest(parent=person.name, access=grounds)))

    [row] = await identity.rows(
        "SELECT caller, practitioner, reason, allowed FROM audit WHERE subject = $1 AND NOT allowed",
        person.name,
    )
    assert tuple(row) == ("facility/01999", "000001/HNO-GPHN", r"cấp\u202ecứu\x00 [redacted]", False)


async def test_the_row_of_a_request_that_breaks_every_rule_is_written(world: World):
    identity = await Identity(world).start()
    grounds = access(reason=NUL * 100_000)
    grounds.practitioner = OVERRIDE * 100_000
    grounds.purpose = grounds.legal_basis = 99_999  # type: ignore[assignment]

    await refused(identity.consents().ListConsents(ListConsentsRequest(parent=PERSON, access=grounds)))

    [row] = await identity.rows("SELECT purpose, legal_basis, length(reason) FROM audit WHERE NOT allowed")
    assert tuple(row) == (0, 0, 500)


async def test_words_of_staff_may_have_lines(world: World):
    identity = await Identity(world).start()
    person = await identity.person()
    consent = await identity.consent(person.name)
    withdrawal = WithdrawConsentRequest(
        request_id=key(), name=consent.name, reason="đổi ý\r\n\tngười nhà báo"
    )

    answer = await identity.consents().WithdrawConsent(withdrawal)

    assert answer.consent.name == consent.name


async def test_a_zero_width_space_of_a_register_is_left_out_with_a_warning(world: World):
    identity = await Identity(world).start()
    batch = ImportPersonsRequest(
        request_id=key(), first_row=1, rows=[person_row(full_name="Trần Thị\u200b Mẫu")]
    )
    importing = identity.persons("authority/bhxh").ImportPersons

    [response] = [answer async for answer in importing(stream(batch))]
    [again] = [answer async for answer in importing(stream(batch))]

    warnings = [(warning.row, warning.field, warning.rule) for warning in response.progress.warnings]
    [name] = await identity.rows("SELECT full_name FROM persons")
    assert (warnings, tuple(name), again) == ([(1, "full_name", "text.hidden")], ("Trần Thị Mẫu",), response)


async def test_a_row_of_a_register_with_a_control_character_is_refused_alone(world: World):
    identity = await Identity(world).start()
    good, bad = (
        person_row(),
        person_row(full_name="Trần\x1b Thị Hai", personal_id="001485000024", old_id=""),
    )
    batch = ImportPersonsRequest(request_id=key(), first_row=1, rows=[good, bad])

    [response] = [r async for r in identity.persons("authority/bhxh").ImportPersons(stream(batch))]

    refusals = [(refusal.row, refusal.field, refusal.rule) for refusal in response.progress.refusals]
    assert (response.progress.rows_stored, refusals) == (1, [(2, "full_name", "text.control")])


async def test_numbers_of_people_are_in_no_row_whatever_field_they_were_typed_into(world: World):
    identity = await Identity(world).start()
    person = await identity.person()
    grounds = access(basis="EMERGENCY", reason="ngừng tim 001485000016")
    grounds.practitioner = "0912345678"
    await identity.decide(person.name, access=grounds)
    consent = await identity.consent(person.name)
    withdrawal = WithdrawConsentRequest(request_id=key(), name=consent.name, reason="nhầm 001485000016")
    await identity.consents().WithdrawConsent(withdrawal)

    rows = [
        tuple(row)
        for table in ("audit", "emergency_accesses")
        for row in await identity.rows(f"SELECT practitioner, reason FROM {table} WHERE reason <> ''")
    ]
    withdrawn = await identity.rows("SELECT row_to_json(c)::text FROM consents c")
    assert ("[redacted]", "ngừng tim [redacted]") in rows
    assert all("001485000016" not in str(row) and "0912345678" not in str(row) for row in [*rows, *withdrawn])


@pytest.mark.parametrize("field", ["media_type", "about", "correlation"])
async def test_a_message_s_references_carry_nobody_s_number(world: World, field: str):
    routing = await Routing(world).start()

    refusal = await refused(
        routing.mailbox().SendMessage(upload(b"x", request_id=str(uuid4()), **{field: "a/001485000016"}))
    )

    assert (refusal.code, f"header.{field}" in refusal.fields) == (StatusCode.INVALID_ARGUMENT, True)
    assert "text.person_number" in {fault.rule for fault in refusal.violations}


async def test_a_name_of_a_person_with_a_line_break_is_no_name(world: World):
    identity = await Identity(world).start()
    person = await identity.person()
    request = ListConsentsRequest(parent=f"{person.name}\n", access=TREATMENT)

    refusal = await refused(identity.consents().ListConsents(request))

    assert set(refusal.fields) == {"parent"}
