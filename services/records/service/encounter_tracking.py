"""
Keeping how far the papers of each encounter are, whenever something comes of it.

What is accepted is kept in its own transaction.  A refused file leaves its encounter's key, when it can be
read, and what was wrong with it, never a value: so that its facility can list what it has not corrected.
A facility's own key (MA_LK) is kept as that of an accepted dossier is.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from chassis import call_context, clock
from chassis.db import Database, Transaction
from chassis.errors import ServiceError
from common.faults import Fault
from kcb.category_rules import EMERGENCY
from kcb.report import Report
from kcb.stated_encounter import StatedEncounter, stated_encounter
from lientuyen.records.v1 import error_reasons as reasons

from ..model import encounter_status as model
from ..model.clinical_history import instant_of
from ..model.dossiers import CheckIn, Dossier
from ..model.encounter_deadlines import Duty, presumed_dossier
from ..model.encounter_status import MAX_REFUSALS, Facts, Refusal, State, Tracked
from ..store import dossiers as dossier_store
from ..store import encounter_states as store
from .submission_checks import off_loop

# What a dossier is refused with because of what is in it.  All else is for another try.
REFUSALS = frozenset(
    reason.name
    for reason in (
        reasons.DOSSIER_REFUSED,
        reasons.SIGNATURE_INVALID,
        reasons.SIGNATURE_MISSING,
        reasons.REPLACEMENT_UNCONFIRMED,
    )
)


class EncounterTracker:
    def __init__(self, db: Database, holidays: frozenset[date]) -> None:
        self._db = db
        self._holidays = holidays

    async def checked_in(self, tx: Transaction, check_ins: Sequence[CheckIn]) -> None:
        """Keep that dossiers are waited for; of encounters that have one, nothing."""
        await store.check_in(tx, [self._waiting(each) for each in check_ins])

    async def accepted(self, tx: Transaction, dossier: Dossier, report: Report) -> None:
        """Keep that *dossier* stands, whether it is new or was there already."""
        state = State.CORRECTED if dossier.version > 1 else State.ACCEPTED
        main = report.first_row("XML1")
        category = main.get("MA_DOITUONG_KCB") if main else ""
        await self._settle(tx, dossier, state, needs_check_in=category != EMERGENCY)

    async def withdrawn(self, tx: Transaction, facility: str, link_key: str) -> None:
        row = Tracked(facility, link_key, State.WITHDRAWN, model.sort_time(None, clock.now()))
        await store.settle(tx, row)

    async def refused(self, content: bytes, error: ServiceError) -> None:
        """Keep that a dossier of the caller was refused with *error*, unless it does not say of whom."""
        if error.reason.name not in REFUSALS:
            return
        stated = await off_loop(content, stated_encounter, content)
        if stated is None or stated.facility != call_context.caller().code:
            return
        async with self._db.transaction() as tx:
            await dossier_store.lock_encounter(tx, stated.facility, stated.link_key)
            known = await store.get(tx, model.encounter_id(stated.facility, stated.link_key))
            await store.put(tx, self._refused(stated, known, error))

    async def _settle(self, tx: Transaction, dossier: Dossier, state: State, *, needs_check_in: bool) -> None:
        row = Tracked(
            dossier.facility,
            dossier.link_key,
            state,
            model.sort_time(None, dossier.receive_time),
            needs_check_in=needs_check_in,
        )
        await store.settle(tx, row)

    def _waiting(self, check_in: CheckIn) -> Tracked:
        due = presumed_dossier(check_in.form_of_care, check_in.arrival_time, holidays=self._holidays).due
        return Tracked(
            check_in.facility,
            check_in.link_key,
            State.CHECKED_IN,
            model.sort_time(due, check_in.receive_time),
            duty=Duty.DOSSIER,
            due_time=due,
        )

    def _refused(self, stated: StatedEncounter, known: Tracked | None, error: ServiceError) -> Tracked:
        """Return *known* with the refusal: of several in a row the first is what the correction runs from."""
        again = known.refusal if known and known.state is State.REFUSED else None
        refusal = Refusal(
            time=again.time if again else clock.now(),
            reason=error.reason.name,
            findings=tuple(
                Fault(each.field, each.rule, each.en, each.vi) for each in error.violations[:MAX_REFUSALS]
            ),
            count=len(error.violations),
            arrival_time=sound_time(stated.arrival, "XML1.NGAY_VAO", error),
            discharge_time=sound_time(stated.discharge, "XML1.NGAY_RA", error),
        )
        row = known or Tracked(stated.facility, stated.link_key, State.REFUSED, refusal.time)
        row = replace(row, state=State.REFUSED, refusal=refusal)
        first = model.first_open(tuple(model.deadlines_of(Facts(row), self._holidays)))
        assert first is not None, "what was refused is to be corrected"
        return replace(row, sort_time=first.due, duty=first.duty, due_time=first.due)


def sound_time(value: str, path: str, error: ServiceError) -> datetime | None:
    """Return a time of a refused file; None when it is what was refused, or nothing in the file was judged.

    A year typed wrong would be the first that is late, for centuries.
    """
    is_judged = error.reason.name != reasons.SIGNATURE_INVALID.name
    is_refused = path in (violation.field for violation in error.violations)
    return instant_of(value) if is_judged and not is_refused else None
