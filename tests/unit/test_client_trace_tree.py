"""A trace is drawn as it happened."""

import json
import os
import threading
from contextlib import closing
from pathlib import Path

import pytest
from rich.console import Console

from laptop.trace_collector import INSERT, open_store
from lientuyen_client.cli import main
from lientuyen_client.trace_tree import Span, build_tree, draw, read_spans, services, short_name


def span(span_id: str, parent: str, service: str, name: str, start: int, end: int, summary: str = "") -> Span:
    return Span("t", span_id, parent, service, name, 2, start * 10**6, end * 10**6, False, summary)


SPANS = [
    span("3", "2", "identity", "SELECT persons", 3, 4, "SELECT persons"),
    span("2", "1", "identity", "lientuyen.identity.v1.PersonService/FindPerson", 2, 5),
    span("1", "", "lientuyen-client", "journey", 0, 10),
    span("4", "1", "routing", "lientuyen.routing.v1.ReferralService/GetReferral", 6, 9),
]


def test_children_stand_under_their_parents_in_the_order_of_their_start():
    (root,) = build_tree(SPANS)

    assert [child.span_id for child in root.children] == ["2", "4"]
    assert [child.span_id for child in root.children[0].children] == ["3"]


def test_a_span_whose_parent_is_missing_is_a_root():
    roots = build_tree([*SPANS, span("9", "gone", "records", "late", 7, 8)])

    assert [root.span_id for root in roots] == ["1", "9"]


def test_only_services_of_the_exchange_count():
    assert services(SPANS) == ["identity", "routing"]


def test_the_picture_has_a_line_a_span_with_service_duration_and_database():
    console = Console(width=120, record=True, file=None)
    with console.capture() as captured:
        console.print(draw(build_tree(SPANS)))

    lines = captured.get().splitlines()
    assert len(lines) == len(SPANS)
    assert "10.0 ms" in lines[0]
    assert "identity PersonService/FindPerson" in lines[1]
    assert "⛁ SELECT persons" in lines[2]
    assert "└─ routing ReferralService/GetReferral" in lines[3]


def test_methods_lose_their_package_and_other_names_stay_whole():
    names = ["lientuyen.identity.v1.PersonService/FindPerson", "send dossier.referral"]

    assert [short_name(name) for name in names] == ["PersonService/FindPerson", "send dossier.referral"]


def test_a_run_of_database_spans_is_one_line():
    more = [
        span("5", "2", "identity", "x", 4, 5, "INSERT audit"),
        span("6", "2", "identity", "x", 5, 6, "INSERT audit"),
    ]
    console = Console(width=140)
    with console.capture() as captured:
        console.print(draw(build_tree([*SPANS, *more])))

    assert "⛁ SELECT persons · INSERT audit ×2" in captured.get()


def test_where_no_stack_has_run_there_are_no_spans(tmp_path: Path):
    assert read_spans(tmp_path) == []


def test_lientuyen_trace_says_kindly_that_there_is_nothing_to_draw(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["trace", "--home", str(tmp_path)]) == 1
    assert "Không có vết nào" in capsys.readouterr().err


def test_while_a_stack_runs_the_first_spans_are_waited_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "stack.json").write_text(json.dumps({"addresses": {}, "pid": os.getpid()}))
    store = open_store(tmp_path)
    store.close()

    def collect() -> None:
        with closing(open_store(tmp_path)) as late, late:
            late.execute(INSERT, ("t1", "s1", "", "identity", "x", 2, 1, 2, 0, ""))

    collecting = threading.Timer(1, collect)
    collecting.start()
    try:
        assert main(["trace", "--home", str(tmp_path)]) == 0
    finally:
        collecting.join()
    assert "1 spans, identity" in capsys.readouterr().out


def test_the_spans_that_the_collector_kept_are_read_without_writing(tmp_path: Path):
    store = open_store(tmp_path)
    with store:
        store.execute(INSERT, ("t1", "s1", "", "identity", "x", 2, 1, 2, 0, ""))
    store.close()

    assert [span.span_id for span in read_spans(tmp_path)] == ["s1"]
    assert read_spans(tmp_path, "t9") == []
