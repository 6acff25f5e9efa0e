"""
Who may call what.  Default deny: a method without a rule is refused to everybody.

A caller is the one SPIFFE URI in its certificate, in our trust domain:
`spiffe://lientuyen.test/facility/01999`.  Each service lists its methods in
`services/<service>/access.py`:

    RULES = {"PersonService/GetPerson": allow("facility", "service/records")}
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .call_context import Caller

KINDS = frozenset({"facility", "pharmacy", "service", "operator", "authority"})

# Another node of the exchange, which no certificate of our own trust domain names (`federation`).
NODE = "node"

# Any caller that the trust domain knows.
ANYONE = "*"

_PATH = re.compile(r"([a-z]+)/([A-Za-z0-9._-]{1,64})")


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may call a method, and how many seconds it gets when the caller set no deadline; None is no end."""

    callers: frozenset[str]
    deadline: float | None = 10.0

    def admits(self, caller: Caller) -> bool:
        return not self.callers.isdisjoint((caller.kind, str(caller), ANYONE))


def allow(*callers: str, deadline: float | None = 10.0) -> Rule:
    """Return the rule that admits *callers*: a kind (`facility`) or one identity (`service/records`).

    A word that is neither is a ValueError at import, so that a misspelt rule never runs.
    """
    for caller in callers:
        if caller != ANYONE and caller.partition("/")[0] not in KINDS | {NODE}:
            raise ValueError(f"no kind of caller: {caller!r}")
    return Rule(frozenset(callers), deadline)


# What every service serves beside its own methods.  A caller of GetOutcome sees its own writes only,
# an operator those of the caller that it names.
CHASSIS_RULES: Mapping[str, Rule] = {
    "OutcomeService/GetOutcome": allow(ANYONE),
    "AuditService/ListAccesses": allow("authority/vneid", "operator"),
    "AuditService/ListAccessLogHeads": allow("operator"),
    # The hours of a month are read one after the other; a hundred thousand rows took eight seconds.
    "AuditService/DownloadAccessLogHashes": allow("operator", deadline=600),
    "OutboxService/ListDeadEvents": allow("operator"),
    "OutboxService/ReplayEvent": allow("operator"),
    "OutboxService/StopEvent": allow("operator"),
}


def caller_of(uris: Sequence[bytes | str], trust_domain: str) -> Caller | None:
    """Return the caller that a certificate's URIs (SAN) name, or None.

    A certificate with more than one URI names nobody, whatever the others are (SPIFFE
    X509-SVID, section 2: exactly one), and so does one of another trust domain.  Names of
    other types, DNS and e-mail, must not be given: an authority signs those more lightly.
    """
    if len(uris) != 1:
        return None
    uri = uris[0].decode("utf8", "replace") if isinstance(uris[0], bytes) else uris[0]
    return _named(uri, trust_domain)


@lru_cache(maxsize=4096)
def _named(uri: str, trust_domain: str) -> Caller | None:
    """Return the caller that *uri* names, or None; the same few ask again and again."""
    if not uri.startswith("spiffe://"):
        return None
    domain, _, path = uri.removeprefix("spiffe://").partition("/")
    match = _PATH.fullmatch(path)
    if domain != trust_domain or match is None or match[1] not in KINDS:
        return None
    return Caller(match[1], match[2])
