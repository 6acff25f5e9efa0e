"""Log lines: JSON, with the trace and the call they belong to, and nothing about a person."""

import asyncio
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest

from chassis import logs, spans
from chassis.call_context import Call, Caller, answering, calling
from chassis.logs import log
from lientuyen.chassis.v1.outcome_service_pb2 import GetOutcomeRequest

GET_PERSON = "lientuyen.identity.v1.PersonService/GetPerson"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SECRET = "Nguyễn Văn An 001485000016"


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[list[dict[str, object]]]:
    """What is logged inside the test, readable after `read()`."""

    class Lines(list[dict[str, object]]):
        def read(self) -> "Lines":
            self.extend(json.loads(line) for line in capsys.readouterr().err.splitlines())
            return self

    logs.setup("identity")
    yield Lines()
    logging.getLogger().handlers = [
        handler for handler in logging.getLogger().handlers if not isinstance(handler, logs.Handler)
    ]


def test_a_line_is_json_with_the_trace(lines) -> None:  # type: ignore[no-untyped-def]
    with spans.server_span(GET_PERSON, (("traceparent", f"00-{TRACE}-00f067aa0ba902b7-01"),)):
        log.info("person found", person="persons/5b0e", rows=3)
    [line] = lines.read()
    assert list(line)[:3] == ["timestamp", "level", "event"]
    assert str(line.pop("timestamp")).endswith("Z")
    assert len(str(line.pop("span_id"))) == 16
    assert line == {
        "level": "info",
        "event": "person found",
        "service": "identity",
        "trace_id": TRACE,
        "person": "persons/5b0e",
        "rows": 3,
    }


def test_a_line_of_a_call_says_who_asked_for_what_with_which_id(lines) -> None:  # type: ignore[no-untyped-def]
    request = GetOutcomeRequest(request_id="5B0E1111-2222-4333-8444-123456789012")
    with calling(Call("PersonService/GetPerson", GET_PERSON, Caller("facility", "01999"))):
        log.info("before")
        with answering(request):
            log.info("of a request")
        with answering(GetOutcomeRequest(request_id=SECRET)):
            log.info("of what is none")
        log.info("after", caller="facility/79999")
    log.info("outside")

    contexts = [tuple(line.get(key) for key in ("caller", "method", "request_id")) for line in lines.read()]
    assert contexts == [
        ("facility/01999", GET_PERSON, None),
        ("facility/01999", GET_PERSON, request.request_id.lower()),
        ("facility/01999", GET_PERSON, None),
        ("facility/79999", GET_PERSON, None),
        (None, None, None),
    ]


def test_nothing_about_a_person_is_logged(lines) -> None:  # type: ignore[no-untyped-def]
    some = UUID("5b0e1111-2222-4333-8444-123456789012")
    log.warning(
        "number 001485000016, old 012345678, tel 0912345678, card DN4010012345678",
        name="Nguyễn Văn An",
        HO_TEN="Nguyễn Văn An",
        nested={"personal_id": 1485000016, "list": ["x 001485000016"]},
        request=object(),
        raw=b"001485000016",
        resource=f"persons/{some}",
        id=some,
    )
    [line] = lines.read()
    said = {
        key: line[key] for key in ("event", "name", "HO_TEN", "nested", "request", "raw", "resource", "id")
    }
    assert said == {
        "event": "number [redacted], old [redacted], tel [redacted], card [redacted]",
        "name": "[redacted]",
        "HO_TEN": "[redacted]",
        "nested": {"personal_id": "[redacted]", "list": ["x [redacted]"]},
        "request": "<object>",
        "raw": "<bytes>",
        "resource": f"persons/{some}",
        "id": str(some),
    }


def test_a_resource_name_may_stand_under_name(lines) -> None:  # type: ignore[no-untyped-def]
    log.info("found", name="//identity.lientuyen/facilities/01999")
    assert lines.read()[0]["name"] == "//identity.lientuyen/facilities/01999"


def test_an_exception_is_its_type_and_frames_without_its_message(lines) -> None:  # type: ignore[no-untyped-def]
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise ValueError(SECRET) from error
    except ValueError as error:
        log.exception("unhandled error")
        log.error("unhandled error", exc_info=error)
        logging.getLogger("library").exception("it failed: %s", error)
    for line in lines.read():
        exception = line["exception"]
        assert (exception["type"], exception["cause"]) == ("ValueError", "KeyError")
        assert exception["frames"][-1].startswith("tests/unit/test_logs.py:")
        assert exception["frames"][-1].endswith(
            " test_an_exception_is_its_type_and_frames_without_its_message"
        )
        assert "Nguyễn" not in json.dumps(line, ensure_ascii=False)
    assert lines[2]["event"] == "it failed: ValueError"
    assert lines[2]["logger"] == "library"


def test_a_failed_task_that_nobody_awaited_tells_nothing(lines) -> None:  # type: ignore[no-untyped-def]
    async def fail() -> None:
        raise ValueError(SECRET)

    async def main() -> None:
        task = asyncio.create_task(fail())
        await asyncio.sleep(0)
        del task

    asyncio.run(main())
    [line] = lines.read()
    assert line["event"] == "Task exception was never retrieved"
    assert "Nguyễn" not in json.dumps(line, ensure_ascii=False)


def test_a_disk_that_is_full_under_the_log_fails_no_call(monkeypatch: pytest.MonkeyPatch):
    full = Path("/dev/full").open("w", encoding="utf8")  # noqa: SIM115  closing it fails too
    monkeypatch.setattr(sys, "stderr", full)

    log.info("dossier accepted", rows=113)

    with suppress(OSError):
        full.close()
