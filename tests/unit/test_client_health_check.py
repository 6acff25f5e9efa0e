"""What `lientuyen health-check` says of its files: those refused, those not read, those not answered."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import pytest

from lientuyen.records.v1 import health_check_service_pb2 as pb
from lientuyen_client.cli import health_check, main
from lientuyen_client.errors import Unavailable
from tests.samples.health_checks import adult_modules


class BrokenLine:
    """A client whose stream ends after *answered* files."""

    def __init__(self, answered: int) -> None:
        self.health_checks = SimpleNamespace(SubmitHealthChecks=self._submit)
        self._answered = answered

    async def __aenter__(self) -> "BrokenLine":
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def _submit(self, requests: AsyncIterator[Any], timeout: float) -> AsyncIterator[Any]:
        sent = [request async for request in requests]
        for request in sent[: self._answered]:
            taken = pb.SubmitHealthCheckResponse(health_check={"name": "//records.lientuyen/healthChecks/1"})
            yield pb.SubmitHealthChecksResponse(request_id=request.request_id, accepted=taken)
        raise Unavailable(grpc.StatusCode.UNAVAILABLE, "gone")


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    paths = [tmp_path / f"{number}.xml" for number in range(3)]
    for number, path in enumerate(paths):
        path.write_bytes(adult_modules().set("MA_LK", str(number)).bytes())
    return [str(path) for path in paths]


def outcomes(text: str) -> list[bool]:
    return [json.loads(line)["accepted"] for line in text.splitlines()]


def test_files_that_a_broken_line_left_are_told_one_by_one(
    files: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(health_check, "connect", lambda _: BrokenLine(2))

    assert main(["health-check", "submit", "--json", *files]) == 3
    assert outcomes(capsys.readouterr().out) == [True, True, False]


def test_while_nobody_answers_at_all_it_is_one_failure(
    files: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(health_check, "connect", lambda _: BrokenLine(0))

    assert main(["health-check", "submit", "--json", *files]) == 3
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_judged(
    files: list[str], capsys: pytest.CaptureFixture[str]
):
    assert main(["health-check", "validate", "--json", "/nowhere.xml", *files]) == 2
    assert outcomes(capsys.readouterr().out) == [False, True, True, True]


def test_the_same_file_is_the_same_request_for_its_caller_and_version_alone():
    ids = {
        health_check.request_id_of(content, caller, version)
        for content in (b"a", b"b")
        for caller in ("facility/01999", "facility/79999")
        for version in (0, 1)
    }

    assert len(ids) == 8
    assert health_check.request_id_of(b"a", "facility/01999", 0) in ids
