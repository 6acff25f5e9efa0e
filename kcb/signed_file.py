"""
What is read of a file before its signature is judged: its root, whom it says it is from, and the signature.

Nothing else in it is read for what it means until the signature holds.
"""

from dataclasses import dataclass
from itertools import islice

from lxml import etree

from .field_formats import is_facility_code
from .report import Finding, Findings, Place
from .table_reader import MAX_CHECK_IN_ROWS
from .tables import CHECK_IN, tables
from .xml_parser import first_children, local, parse
from .xml_signature import HOLDER, Signature, SignatureFault, elements_of, read_signature


@dataclass(frozen=True, slots=True)
class SignedFile:
    """A file as it came: its *root*, and the code in MACSKCB or MA_CSKCB; empty when that is none.

    *signature* is None when there is none, and when *fault* says why it does not hold.
    """

    root: str
    facility: str
    signature: Signature | None = None
    fault: SignatureFault | None = None

    @property
    def path(self) -> str:
        return f"{self.root}.{HOLDER}"

    @property
    def finding(self) -> Finding | None:
        """What is wrong with the signature itself; None when it fits, or there is none."""
        return signature_finding(self.fault.rule, self.path) if self.fault else None

    @property
    def is_signed(self) -> bool:
        return self.signature is not None or self.fault is not None


def read_signed_file(content: bytes) -> SignedFile:
    """Return who sends a file, and its signature; Unreadable for what is no XML."""
    root = parse(content, instructions=True)
    name, facility = local(root.tag), declared_facility(root)
    try:
        return SignedFile(name, facility, read_signature(root))
    except SignatureFault as fault:
        return SignedFile(name, facility, fault=fault)


def signature_finding(rule: str, path: str, detail: str = "") -> Finding:
    """Return what is wrong with the signature at *path*, in the words of the catalogue."""
    findings = Findings()
    findings.add(rule, path, Place(2), detail)
    return findings.in_order()[0]


def declared_facility(root: etree._Element) -> str:
    """Return the facility that a dossier or all rows of a check-in name; empty when that is not one."""
    if local(root.tag) == tables()[CHECK_IN].root:
        every = (
            row for listing in root.iterchildren(etree.Element) for row in listing.iterchildren(etree.Element)
        )
        rows = islice(every, MAX_CHECK_IN_ROWS)  # a file with more is refused
        named = [item for row in rows for item in first_children(row) if local(item.tag) == "MA_CSKCB"]
    else:
        units = [item for item in elements_of(root) if local(item.tag) == "THONGTINDONVI"]
        named = [item for unit in units for item in first_children(unit) if local(item.tag) == "MACSKCB"]
    codes = {"".join(map(str, item.itertext(etree.Element))).strip() for item in named}
    code = codes.pop() if len(codes) == 1 else ""
    return code if is_facility_code(code) else ""
