"""`--help` speaks one language, and so does what is said of a wrong command line."""

import re

import pytest

from lientuyen_client.cli import (
    COMMANDS,
    app,
    dead_events,
    health_checks,
    mail,
    main,
    opinions,
    patients,
    registers,
    requests_for_records,
    signers,
    undelivered,
)

GROUPS = {
    "import": registers,
    "events": dead_events,
    "messages": mail,
    "dead-letters": undelivered,
    "health-check": health_checks,
    "certificates": signers,
    "record-requests": requests_for_records,
    "referrals": patients,
    "consultations": opinions,
}
PREFIXES = ((app, []), *((group, [name]) for name, group in GROUPS.items()))
PATHS = [[*prefix, name] for group, name, _ in COMMANDS for owner, prefix in PREFIXES if owner is group]
ENGLISH = re.compile(
    r"\b(the|of|and|is|are|with|this|to|for|who|from|usage|options|arguments|commands|show|exit|default"
    r"|required|invalid|error|missing|try|such)\b",
    re.IGNORECASE,
)
# Names of options, commands, environment variables, types and reasons, which have no language.
NAMES = re.compile(
    r"--[a-z-]+|<[^>]*>|\[mặc định: [^\]]*\]|[A-Z]+_[A-Z_]+|MISUSE USAGE"
    r"|│ (up|trace|import|demo|show)\b|messages show|record-requests show"
)


def words(text: str) -> str:
    return NAMES.sub("", text)


@pytest.mark.parametrize("path", [[], *([name] for name in GROUPS), *PATHS], ids=" ".join)
def test_help_is_vietnamese_alone(path, capsys: pytest.CaptureFixture[str]):
    assert main([*path, "--help"]) == 0

    text = capsys.readouterr().out
    assert "Cách dùng: lientuyen" in text
    assert "Tùy chọn" in text
    assert ENGLISH.findall(words(text)) == []


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (["dance"], "Không có lệnh này"),
        (["validate"], "Thiếu TỆP"),
        (["lookup", "--bogus"], "Không có tùy chọn --bogus"),
        (["lookup", "--sex", "x"], "Giá trị của --sex"),
        (["lookup", "--name"], "--name thiếu"),
        (["trace", "a", "b"], "Thừa tham số"),
        (["inbox", "--seconds", "soon"], "Giá trị của --seconds"),
        (["up", "--port-base", "80"], "Giá trị của --port-base"),
        (["lookup", "001485000016", "--as", "somebody"], "--as cần dạng"),
        (["lookup", "001485000016", "--as", "authority/bhxh"], "Chỉ cơ sở KCB"),
        (["lookup", "12345"], "12 chữ số"),
        (["lookup"], "Cần một số giấy tờ"),
        (["lookup", "--name", "A", "--birth", "hôm qua"], "1985-03-12"),
        (["health-book", "12345"], "12 chữ số"),
        (["immunize", "12345", "--vaccine", "1", "--dose", "1"], "12 chữ số"),
        (["immunize", "001485000016", "--vaccine", "1", "--dose", "1", "--at", "hôm qua"], "Thời điểm ghi"),
        (["immunize", "001485000016", "--vaccine", "1", "--dose", "1", "--expiry", "x"], "Ngày ghi"),
        (["immunize", "001485000016", "--dose", "1"], "Thiếu --vaccine"),
        (["health-check", "submit", "a", "b", "--replaces-version", "1"], "chỉ dùng khi gửi một tệp"),
        (["record-requests", "ask", "12345"], "12 chữ số"),
        (["record-requests", "ask", "001485000016", "--since", "x"], "Ngày ghi"),
        (["record-requests", "decline", "x"], "Thiếu --reason"),
        (["summary", "12345"], "12 chữ số"),
        (["messages", "list", "--as", "operator/an"], "Cần --facility"),
        (["messages", "list", "--state", "x"], "Giá trị của --state"),
        (["dead-letters", "replay"], "Hãy ghi tên thông điệp, hoặc --all"),
        (["dead-letters", "stop", "messages/1", "--all"], "Hãy ghi tên thông điệp, hoặc --all"),
        (["dead-letters", "replay", "--all"], "ít nhất một trong --from"),
        (["dead-letters", "list", "--from", "01999", "--to", "79999"], "một trong hai"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_command_line_is_one_vietnamese_sentence_and_exits_with_2(
    line, wanted, capsys: pytest.CaptureFixture[str]
):
    assert main(line) == 2

    streams = capsys.readouterr()
    assert wanted in streams.err
    assert streams.out == ""
    assert ENGLISH.findall(words(streams.err)) == []
