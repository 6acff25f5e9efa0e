"""
Taking back a dossier sent in error (thu hồi hồ sơ): its history goes, its slips are cancelled.

Its original stays.  The encounter may be sent again: that is a new version.
"""

from uuid import UUID

from chassis import audit, call_context
from chassis.db import Transaction
from chassis.encryption import Encryptor
from chassis.errors import Conflict, FailedPrecondition, PermissionDenied
from common.names import person_name
from lientuyen.records.v1 import dossier_pb2
from lientuyen.records.v1 import error_reasons as reasons
from lientuyen.records.v1.dossier_service_pb2 import WithdrawDossierRequest
from lientuyen.type.v1.access_pb2 import AccessContext

from ..convert.dossiers import SLIPS_ETAG_LENGTH, STATES, dossier_to_pb
from ..convert.names import dossier_id
from ..model.dossiers import Dossier
from ..store import clinical_history as history_store
from ..store import dossiers as store
from ..store import slips as slip_store
from .slip_submission import cancel_slips

# What the access log of the person says, before the facility's own words.
WITHDRAWN = "Hồ sơ được cơ sở thu hồi; lượt khám này không còn trong sổ sức khỏe."


async def withdraw_dossier(
    tx: Transaction, encryptor: Encryptor, request: WithdrawDossierRequest
) -> dossier_pb2.Dossier:
    """Withdraw the version that stands, and return it as it is then.

    PermissionDenied(DOSSIER_DENIED) for another facility's, and for none; FailedPrecondition(DOSSIER_STATE)
    unless it is accepted; Conflict(ETAG_STALE) when it was changed since it was read.
    """
    dossier = await _lock_own(tx, dossier_id(request.name), request.name)
    if dossier.state != "accepted":
        state = dossier_pb2.Dossier.State.Name(STATES[dossier.state])
        raise FailedPrecondition(reasons.DOSSIER_STATE, name=request.name, state=state)
    if request.etag[:-SLIPS_ETAG_LENGTH] != dossier.etag:
        raise Conflict(reasons.ETAG_STALE, name=request.name)
    await store.withdraw(tx, dossier.id)
    await history_store.delete_history(tx, dossier.person, dossier.id)
    await cancel_slips(tx, encryptor, dossier)
    access = AccessContext(reason=f"{WITHDRAWN} {request.reason}")
    await audit.record(tx, subject=person_name(dossier.person), access=access)
    withdrawn = await store.get(tx, dossier.id)
    assert withdrawn is not None, "a dossier is never deleted"
    return dossier_to_pb(withdrawn, await slip_store.list_slips(tx, [dossier.id]))


async def _lock_own(tx: Transaction, dossier: UUID, name: str) -> Dossier:
    """Return the caller's own dossier, whose encounter nobody else works on until the transaction ends."""
    sent = await store.get(tx, dossier)
    if sent is None or call_context.caller().code != sent.facility:
        raise PermissionDenied(reasons.DOSSIER_DENIED, name=name)
    await store.lock_encounter(tx, sent.facility, sent.link_key)
    current = await store.get(tx, dossier)
    assert current is not None, "a dossier is never deleted"
    return current
