"""
The checker of killed streams: every acknowledged dossier is there once and whole, every other not at all.

    python -m tests.faults.stream_kills.checker build/stream-kills.jsonl

It knows the lines of the history and the standard library, and shares no code with what made them:

    file     a file was made: `request`, `value`: mark, sha256, bytes, faulty
    ok       it was acknowledged: `request`, `value`: dossier, version, sha256; once more when sent again
    refused  it was refused: `request`, `reason`
    gave_up  nobody answered, and it was not sent again: `request`
    outcome  what records says of that: `request`, `value`: dossier, empty when it was not done
    kill     something was killed: `value`: target, in_flight
    stored   a dossier that is listed: `value`: dossier, mark, version, state, original (its SHA-256), bytes
    rows     how many rows name a dossier: `value`: dossier, tables
    read     a referral or an appointment that came of a slip: `action`, `value`: slip_number
"""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Value = dict[str, Any]

# Tables that only the version that stands has rows in.
HISTORY = ("encounters", "diagnoses", "results", "medicines", "services", "other_rows")


@dataclass
class Story:
    """What a history tells, sorted: by request, by dossier, or in a list."""

    files: dict[str, Value] = field(default_factory=dict)
    acknowledged: defaultdict[str, list[Value]] = field(default_factory=lambda: defaultdict(list))
    refused: dict[str, str] = field(default_factory=dict)
    given_up: set[str] = field(default_factory=set)
    outcomes: dict[str, str] = field(default_factory=dict)
    kills: list[Value] = field(default_factory=list)
    stored: list[Value] = field(default_factory=list)
    rows: dict[str, dict[str, int]] = field(default_factory=dict)
    slips: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass
class Findings:
    """What is wrong, in sentences: acknowledged and not there; there and should not be; refused in vain."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)


def parse(lines: Iterable[str]) -> Story:
    story = Story()
    for line in lines:
        event = json.loads(line)
        value, request = event.get("value", {}), event.get("request", "")
        match event["type"]:
            case "file":
                story.files[request] = value
            case "ok":
                story.acknowledged[request].append(value)
            case "refused":
                story.refused[request] = event["reason"]
            case "gave_up":
                story.given_up.add(request)
            case "outcome":
                story.outcomes[request] = value["dossier"]
            case "kill":
                story.kills.append(value)
            case "stored":
                story.stored.append(value)
            case "rows":
                story.rows[value["dossier"]] = value["tables"]
            case "read":
                story.slips[event["action"], value["slip_number"]] += 1
            case other:
                raise ValueError(f"a history has no {other!r}")
    return story


def check(story: Story) -> Findings:
    findings = Findings()
    check_answers(story, findings)
    check_acknowledged(story, findings)
    check_stored(story, findings)
    check_given_up(story, findings)
    check_versions(story, findings)
    check_rows(story, findings)
    check_slips(story, findings)
    return findings


def check_answers(story: Story, findings: Findings) -> None:
    """Each file was answered or given up; a good one is not refused, a faulty one not taken."""
    for request, file in story.files.items():
        answers = story.acknowledged.get(request, [])
        if any(answer != answers[0] for answer in answers):
            findings.doubled.append(f"{request}: sent again, it got another answer")
        if answers and file["faulty"]:
            findings.doubled.append(f"{request}: a faulty file was taken")
        if request in story.refused and not file["faulty"]:
            findings.unexplained.append(f"{request}: refused with {story.refused[request]}")
        if not answers and request not in story.refused and request not in story.given_up:
            findings.unexplained.append(f"{request}: neither answered nor given up")
    names = Counter(answers[0]["dossier"] for answers in story.acknowledged.values())
    findings.doubled += [f"{name}: the answer to {count} files" for name, count in names.items() if count > 1]


def check_acknowledged(story: Story, findings: Findings) -> None:
    stored = {value["dossier"]: value for value in story.stored}
    for request, answers in story.acknowledged.items():
        answer, file = answers[0], story.files[request]
        shown = stored.get(answer["dossier"])
        if shown is None:
            findings.lost.append(f"{answer['dossier']} was acknowledged, and is not there")
            continue
        if shown["version"] != answer["version"] or shown["mark"] != file["mark"]:
            findings.lost.append(f"{answer['dossier']} is another version or encounter than was acknowledged")
        if not shown["original"] == answer["sha256"] == file["sha256"] or shown["bytes"] != file["bytes"]:
            findings.lost.append(f"{answer['dossier']}: its original is not what was sent")


def check_stored(story: Story, findings: Findings) -> None:
    """What is there was sent, whole, and is there once."""
    senders = {file["sha256"]: request for request, file in story.files.items()}
    originals = Counter(value["original"] for value in story.stored)
    for value in story.stored:
        request = senders.get(value["original"])
        if request is None:
            findings.doubled.append(f"{value['dossier']}: nobody sent its original")
        elif story.files[request]["faulty"] or request in story.refused:
            findings.doubled.append(f"{value['dossier']} was refused, and is there")
        elif request not in story.acknowledged and request not in story.given_up:
            findings.doubled.append(f"{value['dossier']} was not acknowledged, and is there")
    findings.doubled += [
        f"{original} is there {count} times" for original, count in originals.items() if count > 1
    ]


def check_given_up(story: Story, findings: Findings) -> None:
    """What was given up is there when records says that it was done, and only then."""
    stored = {value["original"]: value["dossier"] for value in story.stored}
    for request in story.given_up - story.acknowledged.keys():
        outcome, shown = story.outcomes.get(request, ""), stored.get(story.files[request]["sha256"], "")
        if outcome != shown:
            findings.lost.append(
                f"{request}: records says {outcome or 'not done'}, there is {shown or 'nothing'}"
            )


def check_versions(story: Story, findings: Findings) -> None:
    """The versions of an encounter are 1, 2, … without a gap, and the last one alone counts."""
    versions: defaultdict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for value in story.stored:
        versions[value["mark"]][value["version"]].append(value["state"])
    for mark, states in versions.items():
        last = max(states)
        wanted = {
            number: ["STATE_SUPERSEDED" if number < last else "STATE_ACCEPTED"]
            for number in range(1, last + 1)
        }
        if dict(states) != wanted:
            findings.doubled.append(f"{mark}: versions {dict(states)}")


def check_rows(story: Story, findings: Findings) -> None:
    """All files have the same rows: those of the first, which was taken alone, before anything was killed."""
    first = next(iter(story.acknowledged.values()), [None])[0]
    usual = story.rows.get(first["dossier"], {}) if first else {}
    listed = {value["dossier"]: value for value in story.stored}
    for dossier in story.rows.keys() - listed.keys():
        findings.doubled.append(f"{dossier} is not there, and has rows: {story.rows[dossier]}")
    for dossier, value in listed.items():
        rows, stands = story.rows.get(dossier, {}), value["state"] == "STATE_ACCEPTED"
        wanted = {table: usual.get(table, 0) if stands else 0 for table in HISTORY}
        actual = {table: rows.get(table, 0) for table in HISTORY}
        if actual != wanted:
            findings.lost.append(f"{dossier}, {value['state']}: rows {actual}, not {wanted}")
        if not rows.get("file_pieces") or rows.get("slips") != usual.get("slips"):
            findings.lost.append(f"{dossier}: pieces or slips are missing: {rows}")


def check_slips(story: Story, findings: Findings) -> None:
    """Each encounter's slips became one referral and one appointment, and nobody else's did."""
    marks = {value["mark"] for value in story.stored}
    for kind in ("referral", "appointment"):
        findings.lost += [f"{mark}: no {kind}" for mark in marks if not story.slips[kind, mark]]
    for (kind, number), count in story.slips.items():
        if count > 1 or number not in marks:
            findings.doubled.append(f"{number}: {count} times a {kind}")


def summary(story: Story, findings: Findings) -> dict[str, Any]:
    in_flight = [kill["in_flight"] for kill in story.kills]
    done = sum(bool(story.outcomes.get(request)) for request in story.given_up)
    return {
        "kills": dict(sorted(Counter(kill["target"] for kill in story.kills).items())),
        "files in flight when killed, mean": round(sum(in_flight) / max(1, len(in_flight)), 1),
        "kills with none in flight": in_flight.count(0),
        "files": len(story.files),
        "acknowledged": len(story.acknowledged),
        "acknowledged again": sum(len(answers) - 1 for answers in story.acknowledged.values()),
        "refused": len(story.refused),
        "given up": len(story.given_up),
        "given up, and done": done,
        "dossiers there": len(story.stored),
        "versions above the first": sum(value["version"] > 1 for value in story.stored),
        "MB read back, byte for byte": round(sum(value["bytes"] for value in story.stored) / 1e6, 1),
        "lost": len(findings.lost),
        "doubled": len(findings.doubled),
        "unexplained": len(findings.unexplained),
    }


def main(path: str) -> int:
    with Path(path).open(encoding="utf8") as lines:
        story = parse(lines)
    findings = check(story)
    wrong = [*findings.lost, *findings.doubled, *findings.unexplained]
    sys.stdout.write("".join(f"{name}: {value}\n" for name, value in summary(story, findings).items()))
    sys.stdout.write("".join(f"  {sentence}\n" for sentence in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
