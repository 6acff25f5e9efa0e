"""
Heads of other logs are kept here, so that no log can be rewritten unseen by whoever runs it.

A head is kept when its own service signed it.  It goes into our log too, and with that under our heads.
One that does not go on from those kept before is kept as well: it and the one before prove, by two signatures
of the same service, that its log was rewritten (docs/adr/0081).
"""

from collections.abc import Sequence
from datetime import datetime

from chassis import telemetry
from chassis.clock import MAX_CLOCK_SKEW
from chassis.db import Transaction
from chassis.logs import log
from chassis.signing import Unverified
from chassis.tree_heads import SignedHead, verify_head
from transparency.merkle import ProofInvalid, verify_consistency
from transparency.tree_heads import ACCESS_LOG

from ..peers.authorities import Authorities
from ..store import receipt_log
from ..store import witnessed_heads as store
from ..store.witnessed_heads import Verdict, Witnessed


class HeadWitness:
    def __init__(self, authorities: Authorities) -> None:
        self._authorities = authorities

    def verify(self, signed: SignedHead) -> None:
        """Raise `Unverified` unless the service whose log it is signed it, under an authority known here."""
        authority = self._authorities.of(signed.head.trust_domain)
        if authority is None:
            raise Unverified("the trust domain is not known here")
        verify_head(signed, authority)

    async def keep(self, tx: Transaction, signed: SignedHead, proof: Sequence[bytes]) -> Witnessed:
        """Keep a verified head; *proof* leads to it from the newest that was kept of its log."""
        now = await store.lock_origin(tx, signed.head.origin)
        kept = await store.get_witnessed(tx, signed)
        if kept is not None:
            return kept
        newest = await store.newest_witnessed(tx, signed.head.origin)
        verdict = judge(signed, newest.signed if newest else None, proof, now)
        await receipt_log.queue_leaf(tx, signed.leaf)
        return await store.insert_witnessed(tx, signed, verdict)


def judge(signed: SignedHead, kept: SignedHead | None, proof: Sequence[bytes], now: datetime) -> Verdict:
    """Return whether a head goes on from the newest that was *kept*.

    Of access logs no proof is asked: `lientuyen verify-log` holds all their heads against the rows.  A head
    that is older than the one kept, or that is of the future, goes on from nothing.
    """
    head = signed.head
    if head.time > now + MAX_CLOCK_SKEW:
        return Verdict.INCONSISTENT
    if kept is None:
        return Verdict.CONSISTENT
    if head.size < kept.head.size or head.time < kept.head.time:
        return Verdict.INCONSISTENT
    if head.size > kept.head.size and head.origin.endswith(f"/{ACCESS_LOG}"):
        return Verdict.CONSISTENT
    try:
        verify_consistency(kept.head.size, head.size, kept.head.root, head.root, proof)
    except ProofInvalid:
        return Verdict.INCONSISTENT
    return Verdict.CONSISTENT


def alarm(signed: SignedHead) -> None:
    """Tell an operator that a log was rewritten."""
    log.error("a log was rewritten", origin=signed.head.origin, size=signed.head.size)
    telemetry.count("lientuyen.witness.inconsistent", description="Heads that do not go on from those kept.")
