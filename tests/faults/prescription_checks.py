"""Prescriptions: each is there once; each dispensing is there once, and all are no more than prescribed."""

from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

from .story import Findings, Operation, Story

DISPENSED, REVERSED = "STATE_DISPENSED", "STATE_REVERSED"


def check_prescriptions(story: Story, findings: Findings) -> None:
    asked = {issue.value["code"]: issue for issue in story.operations["issue"]}
    there = {read["code"]: read for read in story.reads["prescription"]}
    counted = Counter(read["code"] for read in story.reads["prescription"])
    for code, issue in asked.items():
        if issue.is_acknowledged and there.get(code, {}).get("name") != issue.reply["prescription"]:
            findings.lost.append(f"{code} was issued, and is not there under its name")
    for code, count in counted.items():
        if count > 1 or code not in asked or asked[code].is_refused:
            findings.doubled.append(f"{code} is there {count} times")
    for code, read in there.items():
        if code in asked:
            check_sum(findings, asked[code].value["quantity"], read)
    check_dispensings(story, findings, there)
    check_reversals(story, findings, there)
    check_claims(story, findings)


def check_sum(findings: Findings, prescribed: int, read: dict[str, Any]) -> None:
    """What left the shelves is what the line says, and no more than was prescribed (thousandths)."""
    standing = sum(one["quantity"] for one in read["dispensings"] if one["state"] == DISPENSED)
    if standing > prescribed:
        findings.doubled.append(f"{read['code']}: {standing} dispensed of {prescribed}")
    if read["dispensed"] != standing:
        findings.lost.append(f"{read['code']}: its line says {read['dispensed']}, its dispensings {standing}")


def check_dispensings(story: Story, findings: Findings, there: dict[str, Any]) -> None:
    by_code: defaultdict[str, list[Operation]] = defaultdict(list)
    for dispense in story.operations["dispense"]:
        by_code[dispense.value["code"]].append(dispense)
    for code in by_code.keys() | there.keys():
        check_dispensings_of(findings, code, by_code[code], there.get(code, {}).get("dispensings", []))


def check_dispensings_of(
    findings: Findings, code: str, asked: list[Operation], there: list[dict[str, Any]]
) -> None:
    names = Counter(one["name"] for one in there)
    promised = {one.reply["dispensing"] for one in asked if one.is_acknowledged}
    findings.lost += [
        f"{code}: {name} was acknowledged, and is not there" for name in promised - names.keys()
    ]
    findings.doubled += [
        f"{code}: {name} is there {count} times" for name, count in names.items() if count > 1
    ]
    open_ends = Counter(
        (one.value["pharmacy"], one.value["quantity"])
        for one in asked
        if not one.is_acknowledged and not one.is_refused
    )
    extra = Counter((one["pharmacy"], one["quantity"]) for one in there if one["name"] not in promised)
    for (pharmacy, quantity), count in (extra - open_ends).items():
        findings.doubled.append(f"{code}: {count} dispensings of {quantity} by {pharmacy} that nobody made")


def check_reversals(story: Story, findings: Findings, there: dict[str, Any]) -> None:
    states = {one["name"]: one["state"] for read in there.values() for one in read["dispensings"]}
    asked = {one.value["dispensing"] for one in story.operations["reverse"] if not one.is_refused}
    for reverse in story.acknowledged("reverse"):
        if states.get(reverse.value["dispensing"]) != REVERSED:
            findings.lost.append(f"{reverse.value['dispensing']} was reversed, and stands at the end")
    for name, state in states.items():
        if state == REVERSED and name not in asked:
            findings.doubled.append(f"{name} is reversed, and nobody did that")


def check_claims(story: Story, findings: Findings) -> None:
    """A claim ends before the next pharmacy's begins: its holder dispensed or released in between."""
    ends: defaultdict[tuple[str, str], list[Operation]] = defaultdict(list)
    for action in ("dispense", "release"):
        for end in story.operations[action]:
            ends[end.value["code"], end.value["pharmacy"]].append(end)
    claims: defaultdict[str, list[Operation]] = defaultdict(list)
    for claim in story.acknowledged("claim"):
        claims[claim.value["code"]].append(claim)
    for code, held in claims.items():
        held.sort(key=lambda claim: claim.end or 0)
        for first, second in pairwise(held):
            if not may_follow(first, second, ends[code, first.value["pharmacy"]]):
                findings.doubled.append(f"{code} was held by two pharmacies at once")


def may_follow(first: Operation, second: Operation, ends: list[Operation]) -> bool:
    if first.value["pharmacy"] == second.value["pharmacy"]:
        return True
    return any((first.end or 0) < end.begin < (second.end or 0) and not end.is_refused for end in ends)
