"""Messages: each acknowledged one arrived, once, in the order of its sender, and was taken once."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from .story import Findings, Operation, Story

Pair = tuple[str, str]

ACKNOWLEDGED, DEAD = "STATE_ACKNOWLEDGED", "STATE_DEAD"

# A delivery that was under way when its message was taken comes within these seconds.
UNDER_WAY_S = 15.0


def check_mailboxes(story: Story, findings: Findings) -> None:
    messages = {message["name"]: message for message in story.reads["message"]}
    check_sent(story, findings, messages)
    check_dead(story, findings, messages)
    check_acknowledged(story, findings, messages)
    check_deliveries(story, findings)
    check_order(story, findings)


def check_sent(story: Story, findings: Findings, messages: dict[str, dict[str, Any]]) -> None:
    delivered = {event["value"]["message"] for event in story.deliveries}
    for send in story.acknowledged("send"):
        name, end = send.reply["message"], DEAD if send.value.get("poison") else ACKNOWLEDGED
        if messages.get(name, {}).get("state") != end or name not in delivered:
            state = messages.get(name, {}).get("state", "nowhere")
            findings.lost.append(f"{name} was accepted, and is {state} at the end")
    asked = {mark_of(send.value) for send in story.operations["send"] if not send.is_refused}
    for mark, count in Counter(map(mark_of, sent_by_hand(messages.values()))).items():
        if count > 1 or mark not in asked:
            findings.doubled.append(f"{' '.join(mark)} is there {count} times, asked for: {mark in asked}")


def check_dead(story: Story, findings: Findings, messages: dict[str, dict[str, Any]]) -> None:
    """The sender of a message that is dead is told so; of another nobody is."""
    told = {
        (event["value"]["about"], event["value"]["recipient"])
        for event in story.deliveries
        if event["value"].get("event") == "EVENT_MESSAGE_DEAD"
    }
    dead = {(name, each["sender"]) for name, each in messages.items() if each["state"] == DEAD}
    for name, sender in sorted(dead - told):
        findings.lost.append(f"{name} is dead, and {sender} was not told")
    for name, recipient in sorted(told - dead):
        findings.unexplained.append(f"{recipient} was told that {name} is dead")


def sent_by_hand(messages: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [message for message in messages if message["correlation"]]


def mark_of(value: dict[str, Any]) -> tuple[str, str, str]:
    return value["sender"], value["recipient"], value["correlation"]


def check_acknowledged(story: Story, findings: Findings, messages: dict[str, dict[str, Any]]) -> None:
    for take in story.acknowledged("acknowledge"):
        state = messages.get(take.value["message"], {}).get("state", "nowhere")
        if state != ACKNOWLEDGED:
            findings.lost.append(f"{take.value['message']} was taken, and is {state} at the end")
    taken = Counter(take.value["message"] for take in story.acknowledged("acknowledge"))
    findings.doubled += [f"{name} was taken {count} times" for name, count in taken.items() if count > 1]


def check_deliveries(story: Story, findings: Findings) -> None:
    """Nothing is leased again after it was taken.  One that was under way by then may still come."""
    taken = {
        take.value["message"]: story.times[take.end]
        for take in story.acknowledged("acknowledge")
        if take.end is not None
    }
    clocks_jumped = any(event["action"] == "clock" for event in story.faults)
    for event in story.deliveries:
        name = event["value"]["message"]
        leased = event["time"] - UNDER_WAY_S if clocks_jumped else event["value"]["lease_time"]
        if leased > taken.get(name, float("inf")):
            findings.doubled.append(f"{name} was leased again after it was taken")


def check_order(story: Story, findings: Findings) -> None:
    arrived = first_places((event["value"]["message"], event["index"]) for event in story.deliveries)
    taken = first_places((take.value["message"], take.begin) for take in story.acknowledged("acknowledge"))
    for pair, sends in by_pair(story.acknowledged("send")).items():
        for what, places in (("arrived", arrived), ("was taken", taken)):
            check_order_of_pair(findings, pair, what, sends, places)


def check_order_of_pair(
    findings: Findings, pair: Pair, what: str, sends: list[Operation], places: dict[str, int]
) -> None:
    """Compare each message with those that were accepted before it was sent: none of them comes later.

    The sends of a pair are few at once, so it is enough to keep the latest place of all that ended before.
    """
    ended = sorted(sends, key=lambda send: send.end or 0)
    latest, latest_name, position = -1, "", 0
    for send in sorted(sends, key=lambda send: send.begin):
        while position < len(ended) and ended[position].is_before(send):
            name = ended[position].reply["message"]
            if places.get(name, -1) > latest:
                latest, latest_name = places[name], name
            position += 1
        if (place := places.get(send.reply["message"])) is not None and place < latest:
            findings.reordered.append(
                f"{pair[0]} to {pair[1]}: {send.reply['message']} {what} before {latest_name}"
            )


def first_places(places: Iterable[tuple[str, int]]) -> dict[str, int]:
    first: dict[str, int] = {}
    for name, place in places:
        first.setdefault(name, place)
    return first


def by_pair(sends: Iterable[Operation]) -> dict[Pair, list[Operation]]:
    pairs: defaultdict[Pair, list[Operation]] = defaultdict(list)
    for send in sends:
        pairs[send.value["sender"], send.value["recipient"]].append(send)
    return pairs
