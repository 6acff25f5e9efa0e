"""What is said of a health check, and what it holds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from .ksk_catalogue import KSK_RULES, ksk_catalogue
from .report import Finding, Findings, Place, Row

# How a signature came: not at all, as XMLDSig, or in another form, which is not read.
SignatureForm = Literal["none", "xml", "other"]


class KskFindings(Findings):
    """Findings by the rules of health checks too."""

    rules = KSK_RULES


@dataclass(slots=True)
class KskSheet:
    """One module as it came: its fields as one row, its repeated results, the bytes of its document."""

    code: str
    index: int
    row: Row
    items: list[Row]
    xml: bytes

    def path(self, name: str) -> str:
        return f"{self.code}.{name}"

    def item_path(self, row: Row, name: str) -> str:
        """Return the path of a repeated result: `XML11[2].GIA_TRI`, in a form `MAU2.CHI_TIET_CLS[2].…`."""
        module = ksk_catalogue().module(self.code)
        within = f".{module.item}" if module and module.fields else ""
        return f"{self.code}{within}[{row.number}].{name}"


@dataclass(slots=True)
class KskReport:
    """
    What a health check is and what is wrong with it.

    *form* is the number of the form of QĐ 1551, 0 for the modules of QĐ 2062.  *signed_at* is the path of
    the facility's signature, empty without one; *doctor* how the concluding doctor's came, and
    *concluding* the code of the module that has it.
    """

    facility: str = ""
    form: int = 0
    sheets: dict[str, KskSheet] = field(default_factory=dict)
    spoilt: set[str] = field(default_factory=set)
    signed_at: str = ""
    doctor: SignatureForm = "none"
    concluding: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def accepted(self) -> bool:
        return not any(finding.refuses for finding in self.findings)

    @property
    def refusals(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.refuses)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.refuses)

    def sheets_of(self, name: str) -> Iterator[KskSheet]:
        """Give the modules that hold a field, its own first."""
        home = ksk_catalogue().homes.get(name, "")
        for sheet in sorted(self.sheets.values(), key=lambda sheet: (sheet.code != home, sheet.index)):
            if name in sheet.row.values:
                yield sheet

    def get(self, name: str) -> str:
        """Return a field's value wherever it stands; empty when none is there, or it is refused."""
        return next((value for sheet in self.sheets_of(name) if (value := sheet.row.get(name))), "")

    def path(self, name: str) -> str:
        """Return where a field stands, or where it should."""
        sheet = next((each for each in self.sheets_of(name) if each.row.get(name)), None)
        sheet = sheet or next(self.sheets_of(name), None)
        if sheet is not None:
            return sheet.path(name)
        form = next((code for code in self.sheets if code in ksk_catalogue().forms), "")
        return f"{form or ksk_catalogue().homes.get(name, 'XML1')}.{name}"

    def place(self, name: str) -> Place:
        code = self.path(name).partition(".")[0]
        module = ksk_catalogue().module(code)
        names: Mapping[str, object] = module.fields if module else {}
        index = self.sheets[code].index if code in self.sheets else len(self.sheets)
        return Place(1, index, 1, [*names].index(name) + 1 if name in names else 0)

    @property
    def items(self) -> list[tuple[KskSheet, Row]]:
        """The repeated results (cận lâm sàng)."""
        return [(sheet, row) for sheet in self.sheets.values() for row in sheet.items]
