"""A right history of a few operations, as `make faults` writes it, to be broken."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Event = dict[str, Any]

POISON = "//routing.lientuyen/messages/m3"
HERE, THERE, PHARMACY, REFERRAL = "here", "there", "pharmacy", "referral-1"


@dataclass
class Telling:
    """The lines of a history; index and time are given when all is told."""

    events: list[Event] = field(default_factory=list)

    def did(
        self,
        action: str,
        value: Event,
        reply: Event | None,
        *,
        id: str = "",
        outcome: str = "",
        attempts: int = 1,
        reason: str = "",
    ) -> None:
        """Tell of an operation: acknowledged with a *reply*, refused with a *reason*."""
        id = id or f"{action}-{len(self.events)}"
        self.events.append({"type": "invoke", "id": id, "worker": "w", "action": action, "value": value})
        line = {"type": outcome or ("fail" if reply is None else "ok"), "id": id, "attempts": attempts}
        if reply is not None:
            line["value"] = reply
        elif line["type"] == "fail":
            line["reason"] = reason
        self.events.append(line)

    def again(self, id: str, reply: Event) -> None:
        self.events.append({"type": "again", "id": id, "value": reply})

    def delivered(self, message: str, kind: str, recipient: str, **more: Any) -> None:
        value = {
            "message": message,
            "kind": kind,
            "recipient": recipient,
            "about": "",
            "lease_time": 0.0,
            **more,
        }
        self.events.append({"type": "deliver", "worker": "desk", "value": value})

    def read(self, kind: str, value: Event) -> None:
        self.events.append({"type": "read", "action": kind, "value": value})

    def line(self, kind: str, **value: Any) -> Event:
        """Return the first line of *kind* with what is given of its value."""
        return next(
            event
            for event in self.events
            if event["type"] == kind and value.items() <= event.get("value", {}).items()
        )

    def remove(self, kind: str, **value: Any) -> None:
        self.events.remove(self.line(kind, **value))

    def swap(self, kind: str, first: str, second: str) -> None:
        """Let two messages change places in the lines of *kind*; an operation moves with its answer."""
        lines = [self.line(kind, message=first), self.line(kind, message=second)]
        one, other = (self.events.index(line) for line in lines)
        for offset in range(2 if kind == "invoke" else 1):
            a, b = one + offset, other + offset
            self.events[a], self.events[b] = self.events[b], self.events[a]

    def begin_together(self, first: str, second: str) -> None:
        """Let the operation *second* begin right after *first* did."""
        begins = [
            next(event for event in self.events if event["type"] == "invoke" and event["id"] == id)
            for id in (first, second)
        ]
        self.events.remove(begins[1])
        self.events.insert(self.events.index(begins[0]) + 1, begins[1])

    def numbered(self) -> Iterator[Event]:
        for index, event in enumerate(self.events):
            yield {**event, "index": index, "time": 1000.0 + index}


def a_right_history() -> Telling:
    telling = Telling()
    tell_messages(telling)
    tell_poison(telling)
    tell_dossier(telling)
    tell_prescription(telling)
    return telling


def tell_messages(telling: Telling) -> None:
    for number in ("1", "2"):
        sent = {"sender": HERE, "recipient": THERE, "correlation": number}
        telling.did("send", sent, {"message": f"m{number}"}, id=f"send-{number}")
        read = {"name": f"m{number}", "state": "STATE_ACKNOWLEDGED"}
        telling.read("message", {**sent, **read})
    telling.again("send-1", {"message": "m1"})
    for number in ("1", "2"):
        telling.delivered(f"m{number}", "KIND_DOCUMENT", THERE)
        taken = {"message": f"m{number}", "recipient": THERE}
        telling.did("acknowledge", taken, {"message": f"m{number}"})


def tell_poison(telling: Telling) -> None:
    """A message that is rejected as its sender meant it to be, who is told."""
    sent = {"sender": HERE, "recipient": THERE, "correlation": "p", "poison": "reject"}
    telling.did("send", sent, {"message": POISON}, id="send-p")
    telling.delivered(POISON, "KIND_DOCUMENT", THERE)
    telling.did("reject", {"message": POISON, "recipient": THERE}, {"message": POISON})
    telling.delivered("m-dead", "KIND_NOTICE", HERE, about=POISON, event="EVENT_MESSAGE_DEAD")
    telling.read("message", {**sent, "name": POISON, "state": "STATE_DEAD"})


def tell_dossier(telling: Telling) -> None:
    telling.did("submit", {"mark": "k1"}, {"dossier": "dossier-1", "version": 1})
    telling.delivered("m-slip", "KIND_REFERRAL", THERE, about=REFERRAL)
    telling.did("accept", {"referral": REFERRAL, "other": HERE}, {"referral": REFERRAL})
    refused = {"referral": REFERRAL, "other": THERE}
    telling.did("cancel", refused, None, reason="ERROR_REASON_REFERRAL_STATE")
    telling.delivered("m-notice", "KIND_NOTICE", HERE, about=REFERRAL, event="EVENT_REFERRAL_ACCEPTED")
    telling.read("dossier", {"name": "dossier-1", "link_key": "k1", "version": 1})
    telling.read("referral", {"name": REFERRAL, "slip_number": "k1", "state": "STATE_ACCEPTED"})
    telling.read("appointment", {"name": "a1", "slip_number": "k1"})


def tell_prescription(telling: Telling) -> None:
    mine = {"code": "c1", "pharmacy": PHARMACY}
    telling.did("issue", {"code": "c1", "quantity": 30_000}, {"prescription": "p1"})
    for name, quantity in (("d1", 10_000), ("d2", 5_000)):
        telling.did("claim", mine, {"prescription": "p1"})
        telling.did("claim", {**mine, "pharmacy": "late"}, None, reason="ERROR_REASON_CLAIMED_BY_ANOTHER")
        telling.did("dispense", {**mine, "quantity": quantity}, {"dispensing": name})
    telling.did("reverse", {"dispensing": "d2"}, {"dispensing": "d2"})
    telling.did("claim", mine, {"prescription": "p1"})
    shown = [
        {"name": "d1", "pharmacy": PHARMACY, "quantity": 10_000, "state": "STATE_DISPENSED"},
        {"name": "d2", "pharmacy": PHARMACY, "quantity": 5_000, "state": "STATE_REVERSED"},
    ]
    telling.read("prescription", {"name": "p1", "code": "c1", "dispensed": 10_000, "dispensings": shown})
