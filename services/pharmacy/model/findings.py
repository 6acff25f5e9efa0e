"""What a rule finds, and how a move is refused."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault or a warning: the path of the field, the rule, and what to say in two languages.

    Never holds data about a person.  *refuses* is False for what only warns.
    """

    field: str
    rule: str
    en: str
    vi: str
    refuses: bool = True


class Refused(Exception):
    """A move that the rules do not allow.

    *reason* is the name of a reason of the contract without its prefix, as
    `NOTHING_LEFT`; the service turns it into a status.
    """

    def __init__(self, reason: str, findings: Sequence[Finding] = (), **metadata: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.findings = tuple(findings)
        self.metadata = metadata
