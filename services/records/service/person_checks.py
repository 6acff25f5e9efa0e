"""Whom a file is about: each number asked of identity once, with the name, birth date and sex beside it."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chassis.errors import InvalidArgument, ResourceExhausted
from common.faults import Fault
from kcb.report import Findings, Place, Report, Row
from kcb.validate import DOSSIER
from lientuyen.records.v1 import error_reasons as reasons

from ..convert.findings import finding_to_fault
from ..model.person_numbers import STATED_FIELDS, StatedPerson, stated_person
from ..peers import IdentifiedPerson, PersonFault, PersonLookup

# Numbers of one file that name nobody, or somebody else, before its other rows are not asked about: whoever
# types errs in a row or two, and a file must be no way to try numbers.
MAX_UNKNOWN: Final = 5

Answers = dict[StatedPerson | None, IdentifiedPerson | PersonFault]


@dataclass(frozen=True, slots=True)
class CheckedPersons:
    """The person of each row, and in what they are not as the row says."""

    ids: tuple[UUID, ...]
    warnings: tuple[Fault, ...]


class PersonChecks:
    def __init__(self, persons: PersonLookup) -> None:
        self._persons = persons

    async def find_persons(self, report: Report) -> CheckedPersons:
        """Ask identity who each row is about: XML1, or every row of a check-in.

        InvalidArgument(DOSSIER_REFUSED) with every row of whom that cannot be told.  After MAX_UNKNOWN
        of their numbers, or when identity takes no more of this facility, these are the rows so far;
        ResourceExhausted when there is none.
        """
        table = "XML1" if report.kind == DOSSIER else "XML0"
        known: Answers = {None: "person-unknown"}
        ids, findings = [], Findings()
        for row in report.rows(table):
            try:
                person = await self._find_once(row, known)
            except ResourceExhausted:
                if not _faults(findings, refuses=True):
                    raise
                break
            _note(findings, person, row, table if table == "XML1" else f"{table}[{row.number}]")
            if isinstance(person, IdentifiedPerson):
                ids.append(person.id)
            elif _unknown(known) == MAX_UNKNOWN:
                break
        if faults := _faults(findings, refuses=True):
            raise InvalidArgument(reasons.DOSSIER_REFUSED, violations=faults)
        return CheckedPersons(tuple(ids), _faults(findings, refuses=False))

    async def _find_once(self, row: Row, known: Answers) -> IdentifiedPerson | PersonFault:
        stated = stated_person(row)
        if stated is not None and stated not in known:
            known[stated] = await self._persons.find_person(stated, row.get("MA_TTDV"))
        return known[stated]


def _unknown(known: Answers) -> int:
    """Return how many numbers that were asked about name nobody, or somebody else."""
    return sum(stated is not None and isinstance(person, str) for stated, person in known.items())


def _note(findings: Findings, person: IdentifiedPerson | PersonFault, row: Row, path: str) -> None:
    """Add what is wrong at the number of *row*, or doubtful at the fields beside it."""
    if not isinstance(person, IdentifiedPerson):
        findings.add(person, f"{path}.{number_field(row)}", Place(1, 0, row.number))
        return
    for position, (field, cell) in enumerate(STATED_FIELDS.items()):
        if field in person.differing:
            findings.add("differs-from-person", f"{path}.{cell}", Place(1, 0, row.number, position))


def number_field(row: Row) -> str:
    """Return the field of the number that *row* was looked up by."""
    stated = stated_person(row)
    return stated.number.field if stated else "SO_CCCD"


def _faults(findings: Findings, *, refuses: bool) -> tuple[Fault, ...]:
    return tuple(finding_to_fault(each) for each in findings.in_order() if each.refuses == refuses)
