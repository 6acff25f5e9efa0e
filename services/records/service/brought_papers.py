"""
The insurance card and the slip that the patient of a dossier brought, asked of who keeps them.  Doubts only.

Identity says which cards the person has, routing which slips; each within two seconds, at the same time.
While one is silent, or does not know for sure, the dossier is kept with a warning at what was not checked.
"""

import asyncio
from collections.abc import Awaitable, Iterable
from datetime import date
from typing import Final, TypeVar
from uuid import UUID

import grpc

from chassis.errors import ServiceError
from common.faults import Fault
from kcb.brought_papers import CARD, SLIP, Doubt, names_card, names_slip, paper_doubts
from kcb.category_rules import REFERRED
from kcb.dossier_facts import day_of
from kcb.registers import Registers
from kcb.report import Findings, Place, Report, Row
from lientuyen.type.v1.access_pb2 import AccessContext

from ..convert.findings import finding_to_fault
from ..directory import CardRegister
from ..peers import Routing
from .time_limits import no_longer_than

# Seconds that identity and routing have to say what they know.
ASK_TIMEOUT_S: Final = 2.0

# What a silent service is noted by, and where.
CARD_UNCHECKED: Final[Doubt] = ("card-not-checked", CARD)
SLIP_UNCHECKED: Final[Doubt] = ("brought-slip-not-checked", SLIP)

T = TypeVar("T")


class BroughtPapers:
    def __init__(self, cards: CardRegister, routing: Routing) -> None:
        self._cards = cards
        self._routing = routing

    async def doubts(self, report: Report, person: UUID) -> tuple[Fault, ...]:
        """Return what is doubtful about the card and the slip in XML1 of a dossier about *person*."""
        row = report.first_row("XML1")
        arrival = day_of(row.get("NGAY_VAO")) if row else None
        if row is None or arrival is None:
            return ()
        with no_longer_than(ASK_TIMEOUT_S):
            doubts = await asyncio.gather(
                self._card_doubts(report.facility, row, person, arrival),
                self._slip_doubts(row, person, arrival),
            )
        findings = Findings()
        for position, (rule, field) in enumerate(doubt for each in doubts for doubt in each):
            findings.add(rule, f"XML1.{field}", Place(1, report.sheets["XML1"].index, 1, position))
        return tuple(map(finding_to_fault, findings.in_order()))

    async def _card_doubts(self, facility: str, row: Row, person: UUID, arrival: date) -> list[Doubt]:
        """Return what the register has against the card; of a source that is silent no doubt is sure."""
        if not names_card(row):
            return []
        form, access = row.get("MA_LOAI_KCB"), own_record(row)
        answer = await answer_of(self._cards.list_cards(person, facility, arrival, form, access))
        if answer is None:
            return [CARD_UNCHECKED]
        cards, confirmed = answer
        return sure(paper_doubts(row, Registers(cards=cards)), CARD_UNCHECKED, confirmed=confirmed)

    async def _slip_doubts(self, row: Row, person: UUID, arrival: date) -> list[Doubt]:
        if not names_slip(row):
            return []
        is_referral = row.get("MA_DOITUONG_KCB") == REFERRED
        ask = self._routing.list_referral_slips if is_referral else self._routing.list_appointment_slips
        answer = await answer_of(ask(person, arrival, own_record(row)))
        if answer is None:
            return [SLIP_UNCHECKED]
        slips, complete = answer
        return sure(paper_doubts(row, Registers(slips=slips)), SLIP_UNCHECKED, confirmed=complete)


def sure(doubts: Iterable[Doubt], unchecked: Doubt, *, confirmed: bool) -> list[Doubt]:
    """Return *doubts*; when what they rest on is not *confirmed*, that nothing was checked instead."""
    every = list(doubts)
    return every if confirmed or not every else [unchecked]


def own_record(row: Row) -> AccessContext:
    """Return the ground of what is asked about the person of a dossier: its facility treats them."""
    return AccessContext(
        practitioner=row.get("MA_TTDV")[:255] or "service/records",
        purpose=AccessContext.PURPOSE_TREATMENT,
        legal_basis=AccessContext.LEGAL_BASIS_OWN_RECORD,
    )


async def answer_of(question: Awaitable[T]) -> T | None:
    """Return what a service says, or None when it is silent, refuses, or is older than the question."""
    try:
        return await question
    except (ServiceError, grpc.RpcError):
        return None
