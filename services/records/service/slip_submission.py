"""
Keeping the slips of an accepted dossier: what each becomes beside the version before, and who hears of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from chassis import clock
from chassis.db import Transaction
from chassis.encryption import Encryptor
from common.faults import Fault

from ..convert.slip_refusals import slip_fault
from ..model.dossiers import Dossier
from ..model.slips import (
    SUPERSEDED,
    Slip,
    SlipState,
    is_news,
    judge,
    left_out,
    slip_digest,
    slip_id,
)
from ..store import slips as store
from .signature_checks import SignedBy
from .slip_checks import CheckedSlip
from .slip_events import publish_cancellation, publish_refusal, publish_slip


@dataclass(frozen=True, slots=True)
class SlipPlan:
    """What the slips of a new version become; *previous* are those of the version before, by id."""

    slips: Sequence[Slip]
    previous: Mapping[UUID, Slip]
    checked: Mapping[UUID, CheckedSlip]

    @property
    def warnings(self) -> tuple[Fault, ...]:
        return tuple(slip.finding for slip in self.slips if slip.finding)

    def changed(self) -> list[Slip]:
        """Return the slips for which something is to be done, or that are given up."""
        return [slip for slip in self.slips if not self._is_kept(slip)]

    def _is_kept(self, slip: Slip) -> bool:
        previous = self.previous.get(slip.id)
        same_event = previous is not None and previous.event_id == slip.event_id is not None
        return slip.state is SlipState.UNCHANGED or same_event


async def plan_slips(
    tx: Transaction,
    dossier: Dossier,
    previous: Dossier | None,
    checked: Sequence[CheckedSlip],
    *,
    changes_person: bool,
) -> SlipPlan:
    """Return what becomes of the slips of *dossier*, whose version before was *previous*.

    Unless it *changes_person*, the person may have another name: a slip that was sent under it is the same.
    """
    before = {slip.id: slip for slip in await _slips_before(tx, previous)} if previous else {}
    if previous and not changes_person:
        before = {key: _renamed(slip, previous.slips, dossier.person) for key, slip in before.items()}
    slips = [judge(_new_slip(dossier, slip), slip.verdict, before.get(slip.id)) for slip in checked]
    blank = Slip(dossier.id, "", dossier.id, "", SlipState.PENDING, dossier.receive_time)
    published = await store.list_published(tx, before)
    gone = left_out(before.values(), {slip.id for slip in slips}, blank, published)
    return SlipPlan([*slips, *gone], before, {slip.id: slip for slip in checked})


async def file_slips(tx: Transaction, encryptor: Encryptor, dossier: Dossier, plan: SlipPlan) -> None:
    """Keep the slips of *dossier*, send those that are to be sent, and tell of those that are not."""
    changed = plan.changed()
    for slip in changed:
        if slip.id in plan.previous:
            await store.supersede_slips(tx, slip.id, slip_fault(SUPERSEDED, slip.table_code))
    await store.insert_slips(tx, plan.slips)
    for slip in changed:
        checked = plan.checked.get(slip.id)
        if slip.event_id and checked:
            await publish_slip(tx, encryptor, dossier, checked, slip.event_id)
        elif slip.event_id:
            await publish_cancellation(tx, slip, slip.event_id)
        elif checked and is_news(slip, plan.previous.get(slip.id)):
            await publish_refusal(tx, slip, dossier.facility, checked.verdict)


async def cancel_slips(tx: Transaction, encryptor: Encryptor, dossier: Dossier) -> None:
    """Cancel what the slips of *dossier*, which is withdrawn, have become."""
    before = {slip.id: slip for slip in await _slips_before(tx, dossier)}
    blank = Slip(dossier.id, "", dossier.id, "", SlipState.PENDING, clock.now())
    gone = left_out(before.values(), (), blank, await store.list_published(tx, before))
    await store.delete_slips(tx, dossier.id, [slip.id for slip in gone])
    await file_slips(tx, encryptor, dossier, SlipPlan(gone, before, {}))


def _renamed(slip: Slip, of_rows: Mapping[str, str], person: UUID) -> Slip:
    """Return a *slip* of the version before, with the digest that it would have under the entry *person*."""
    of_row = of_rows.get(slip.table_code) if slip.digest else None
    return replace(slip, digest=slip_digest(of_row, person)) if of_row else slip


def _new_slip(dossier: Dossier, checked: CheckedSlip) -> Slip:
    return Slip(
        dossier=dossier.id,
        table_code=checked.table_code,
        id=checked.id,
        digest=checked.digest,
        state=SlipState.PENDING,
        update_time=dossier.receive_time,
        signed_by_practitioner=SignedBy.PRACTITIONER in checked.signed_by,
        signed_by_facility=SignedBy.FACILITY in checked.signed_by,
    )


async def _slips_before(tx: Transaction, dossier: Dossier) -> list[Slip]:
    """Return what the slips of *dossier* became; of one older than this account, that they were sent."""
    return await store.list_slips(tx, [dossier.id]) or [
        Slip(
            dossier=dossier.id,
            table_code=code,
            id=slip_id(dossier.facility, dossier.link_key, code),
            digest=slip_digest(of_row, dossier.person),
            state=SlipState.ISSUED,
            update_time=dossier.receive_time,
        )
        for code, of_row in dossier.slips.items()
    ]
