"""
Taking a file: is it whole, is it the sender's, whom is it about; then everything in one transaction.

The order matters.  Who sends is settled before anything is said of the file; a refused
file has touched no table; identity is asked while no database connection is held.
"""

import asyncio
import hashlib
from dataclasses import dataclass
from uuid import UUID, uuid4

from chassis import audit, call_context, clock, outbox
from chassis.db import Transaction
from chassis.encryption import Encryptor
from chassis.errors import InvalidArgument, PermissionDenied, Violation
from kcb import envelope
from kcb.report import Finding, Findings, Place, Report, Row
from kcb.validate import DOSSIER, validate
from lientuyen.records.v1 import error_reasons as reasons

from ..convert import dossiers as convert
from ..convert import slips
from ..convert.names import person_name
from ..model import xml_signature as signature
from ..model.clinical_history import History, derive, local
from ..model.dossiers import CheckIn, Dossier, Note
from ..model.person_numbers import number_of
from ..peers import Identity
from ..store import check_ins as check_in_rows
from ..store import clinical_history as history_rows
from ..store import dossiers as dossier_rows

# Files above this are checked in a thread, so that one long stay does not hold up every other call.
LARGE = 256 * 1024

# Doubts kept with a dossier; more of them are of no use to anybody.
MAX_NOTES = 200

REFERRAL, APPOINTMENT = "dossier.referral", "dossier.appointment"


@dataclass(frozen=True, slots=True)
class Judged:
    """An acceptable file: its report, the person of each row, whether it is signed well, what is doubtful."""

    content: bytes
    report: Report
    persons: tuple[UUID, ...]
    signature_verified: bool
    doubts: tuple[Finding, ...]
    sha256: bytes


class Intake:
    """Judges and takes files."""

    def __init__(
        self, identity: Identity, encryptor: Encryptor, authorities: bytes, trust_domain: str
    ) -> None:
        self._identity = identity
        self._encryptor = encryptor
        self._authorities = authorities
        self._trust_domain = trust_domain

    async def judge(self, content: bytes, kind: str) -> Judged:
        """Return an acceptable file, or raise what is wrong with it.

        PermissionDenied for another facility's file, InvalidArgument(DOSSIER_REFUSED) with every
        fault, InvalidArgument(SIGNATURE_INVALID); Unavailable when identity does not answer.
        """
        report = await inspect(content, kind)
        self._check_sender(report)
        verified, doubts = self._check_signature(content, report)
        if not report.accepted:
            raise refusal(report.refusals)
        persons = await self._find_persons(report)
        sha256 = hashlib.sha256(content).digest()
        return Judged(content, report, persons, verified, (*report.warnings, *doubts), sha256)

    def _check_sender(self, report: Report) -> None:
        """The sender must be the declared facility; a file that declares none is refused later."""
        if report.facility:
            path = envelope.FACILITY if report.kind == DOSSIER else "XML0[1].MA_CSKCB"
            call_context.require_facility(path, report.facility)

    def _check_signature(self, content: bytes, report: Report) -> tuple[bool, tuple[Finding, ...]]:
        if not report.signed:
            return False, ()
        path = f"{envelope.ROOT if report.kind == DOSSIER else 'CHI_TIEU_TRANG_THAI_KCB'}.CHUKYDONVI"
        try:
            signer = signature.verify(content, self._authorities, self._trust_domain, clock.now())
        except signature.SignatureFault as fault:
            raise InvalidArgument(
                reasons.SIGNATURE_INVALID, cause=fault.cause, violations=said("signature", path)
            ) from None
        if not signer.vouched:
            return False, finding("signature-unverified", path)
        if report.facility and signer.facility != report.facility:
            raise PermissionDenied(
                reasons.SIGNER_MISMATCH, field=path, declared=report.facility, signer=signer.facility or "?"
            )
        return True, ()

    async def _find_persons(self, report: Report) -> tuple[UUID, ...]:
        """Ask identity who each row is about: XML1, or every row of a check-in, each number once."""
        code = "XML1" if report.kind == DOSSIER else "XML0"
        known: dict[object, UUID | str] = {}
        found, unknown = [], Findings()
        for row in report.rows(code):
            key = number_of(row)
            if key not in known:
                known[key] = (
                    await self._identity.find_person(key, row.get("MA_TTDV")) if key else "person-unknown"
                )
            person = known[key]
            if isinstance(person, UUID):
                found.append(person)
            else:
                path = f"{code}.SO_CCCD" if code == "XML1" else f"{code}[{row.number}].SO_CCCD"
                unknown.add(person, path, Place(1, 0, row.number))
        if unknown.in_order():
            raise refusal(unknown.in_order())
        return tuple(found)

    async def take_dossier(self, tx: Transaction, judged: Judged) -> tuple[Dossier, bool]:
        """Keep a dossier and everything made from it; return it, and whether it was there already."""
        history = derive(judged.report)
        facility = judged.report.facility
        await dossier_rows.lock_encounter(tx, facility, history.link_key)
        old = await dossier_rows.latest(tx, facility, history.link_key)
        if old and old.state == "accepted" and old.sha256 == judged.sha256:
            return old, True
        new = dossier_of(judged, history, old)
        if old and old.state == "accepted":
            await dossier_rows.supersede(tx, old.id, new.id)
            await history_rows.remove(tx, old.person, old.id)
        sealed = self._encryptor.encrypt(judged.content, associated_data=new.id.bytes)
        await dossier_rows.add(tx, new, sealed)
        origin = history_rows.Origin(new.person, new.id, facility, new.classes)
        await history_rows.add(tx, origin, history)
        await self._publish(tx, judged.report, new, old)
        await audit.record(tx, subject=person_name(new.person), access=None)
        return new, False

    async def _publish(self, tx: Transaction, report: Report, new: Dossier, old: Dossier | None) -> None:
        """Send the slips that are new or changed, sealed: they name the person."""
        before = old.slips if old else {}
        changed = {code for code, digest in new.slips.items() if before.get(code) != digest}
        row = report.first_row("XML13")
        if row and "XML13" in changed:
            request = slips.referral(row, report.sheets["XML13"].xml, new)
            if request is not None:
                await self._send(tx, REFERRAL, request.SerializeToString(), new)
        row = report.first_row("XML14")
        if row and "XML14" in changed:
            await self._send(tx, APPOINTMENT, slips.appointment(row, new).SerializeToString(), new)

    async def _send(self, tx: Transaction, topic: str, payload: bytes, dossier: Dossier) -> None:
        event_id = uuid4()
        sealed = self._encryptor.derive("slips").encrypt(
            payload, associated_data=slip_context(topic, event_id)
        )
        await outbox.publish(tx, topic, sealed, key=str(dossier.person), event_id=event_id)

    async def take_check_in(self, tx: Transaction, judged: Judged) -> list[CheckIn]:
        """Keep a check-in: its rows, and the file, sealed."""
        rows = [
            check_in_of(row, judged.report.facility, person)
            for row, person in zip(judged.report.rows("XML0"), judged.persons, strict=True)
        ]
        sealed = self._encryptor.encrypt(judged.content, associated_data=rows[0].id.bytes)
        await check_in_rows.add(tx, rows, sealed, rows[0].id)
        for person in dict.fromkeys(judged.persons):
            await audit.record(tx, subject=person_name(person), access=None)
        return rows


def slip_context(topic: str, event_id: UUID) -> bytes:
    """Return what binds a sealed slip to its event, so that it opens in no other."""
    return f"{topic} {event_id}".encode()


async def inspect(content: bytes, kind: str = "") -> Report:
    """Return what is wrong with a file; a large one is read in a thread."""
    if len(content) > LARGE:
        return await asyncio.to_thread(validate, content, kind)
    return validate(content, kind)


def dossier_of(judged: Judged, history: History, old: Dossier | None) -> Dossier:
    report, encounter = judged.report, history.encounter
    notes = [Note(found.rule, found.path, found.vi, found.en) for found in judged.doubts[:MAX_NOTES]]
    return Dossier(
        id=uuid4(),
        facility=report.facility,
        link_key=history.link_key,
        version=old.version + 1 if old else 1,
        state="accepted",
        person=judged.persons[0],
        classes=history.classes,
        form_of_care=encounter.form_of_care,
        arrival_time=encounter.arrival_time,
        discharge_time=encounter.discharge_time,
        receive_time=clock.now(),
        sha256=judged.sha256,
        size_bytes=len(judged.content),
        signature_verified=judged.signature_verified,
        tables=tuple((code, len(sheet.rows)) for code, sheet in report.sheets.items()),
        warnings=tuple(notes),
        slips={code: digest_of(row) for code in ("XML13", "XML14") for row in report.rows(code)},
        supersedes=old.id if old else None,
        superseded_by=None,
    )


def digest_of(row: Row) -> str:
    """Return a digest of a row's values: the same slip written otherwise is the same slip."""
    return hashlib.sha256(repr(sorted(row.values.items())).encode()).hexdigest()


def check_in_of(row: Row, facility: str, person: UUID) -> CheckIn:
    arrival = local(row.get("NGAY_VAO"))
    assert arrival is not None, "an accepted check-in has NGAY_VAO"
    return CheckIn(
        id=uuid4(),
        facility=facility,
        link_key=row.get("MA_LK"),
        person=person,
        form_of_care=row.get("MA_LOAI_KCB"),
        care_category=row.get("MA_DOITUONG_KCB"),
        arrival_time=arrival,
        receive_time=clock.now(),
    )


def refusal(findings: tuple[Finding, ...]) -> InvalidArgument:
    """Return the refusal of a file: every fault, and that nothing was kept."""
    return InvalidArgument(reasons.DOSSIER_REFUSED, violations=convert.violations(findings))


def finding(rule: str, path: str) -> tuple[Finding, ...]:
    found = Findings()
    found.add(rule, path, Place(2))
    return found.in_order()


def said(rule: str, path: str) -> list[Violation]:
    return convert.violations(finding(rule, path))
