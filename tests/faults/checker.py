"""
The checker: reads a history and says what was lost, doubled or reordered.

    python -m tests.faults.checker build/faults.jsonl

It shares no code with the services, nor with what calls them: the standard library, and the lines of the
history (`story.py`).  A test holds it to that.
"""

import sys
from collections import Counter
from pathlib import Path
from typing import Any

from .dossier_checks import check_dossiers
from .mailbox_checks import check_mailboxes
from .prescription_checks import check_prescriptions
from .story import Findings, Story, parse

# Why an operation may be refused, by what the workers do to one another.
EXPECTED = {
    "acknowledge": {"ERROR_REASON_LEASE_STALE", "ERROR_REASON_MESSAGE_STATE"},
    "reject": {"ERROR_REASON_LEASE_STALE", "ERROR_REASON_MESSAGE_STATE"},
    "accept": {"ERROR_REASON_REFERRAL_STATE"},
    "decline": {"ERROR_REASON_REFERRAL_STATE"},
    "complete": {"ERROR_REASON_REFERRAL_STATE"},
    "cancel": {"ERROR_REASON_REFERRAL_STATE"},
    "claim": {"ERROR_REASON_CLAIMED_BY_ANOTHER", "ERROR_REASON_NOTHING_LEFT"},
    "dispense": {
        "ERROR_REASON_CLAIM_EXPIRED",
        "ERROR_REASON_NOTHING_LEFT",
        "ERROR_REASON_QUANTITY_EXCEEDS_REMAINING",
    },
    "release": {"ERROR_REASON_CLAIM_EXPIRED"},
}


def check(story: Story) -> Findings:
    findings = Findings()
    check_answers(story, findings)
    check_mailboxes(story, findings)
    check_dossiers(story, findings)
    check_prescriptions(story, findings)
    return findings


def check_answers(story: Story, findings: Findings) -> None:
    """The same request gets the same answer, and a refusal has a reason that the story explains."""
    for operation in story.all_operations:
        if any(repeat != operation.reply for repeat in operation.repeats):
            findings.doubled.append(f"{operation.action} {operation.id}: sent again, it got another answer")
        if operation.outcome == "fail" and operation.reason not in EXPECTED.get(operation.action, set()):
            findings.unexplained.append(f"{operation.action} {operation.id}: {operation.reason}")


def summary(story: Story, findings: Findings) -> dict[str, Any]:
    """Return the figures of a run, as `build/faults.json` has them."""
    operations = story.all_operations
    outcomes = Counter(operation.outcome for operation in operations)
    return {
        "acknowledged": outcomes["ok"],
        "refused": outcomes["fail"],
        "unknown": outcomes["unknown"],
        "operations": dict(sorted(Counter(one.action for one in operations if one.is_acknowledged).items())),
        "retried": sum(operation.attempts > 1 for operation in operations),
        "repeated": sum(len(operation.repeats) for operation in operations),
        "deliveries": len(story.deliveries),
        "faults": dict(sorted(Counter(event["action"] for event in story.faults).items())),
        "lost": len(findings.lost),
        "doubled": len(findings.doubled),
        "reordered": len(findings.reordered),
        "unexplained": len(findings.unexplained),
    }


def main(path: str) -> int:
    with Path(path).open(encoding="utf8") as lines:
        story = parse(lines)
    findings = check(story)
    wrong = [*findings.lost, *findings.doubled, *findings.reordered, *findings.unexplained]
    sys.stdout.write("".join(f"{name}: {value}\n" for name, value in summary(story, findings).items()))
    sys.stdout.write("".join(f"  {sentence}\n" for sentence in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
