"""
The envelope KHAMSUCKHOE (QĐ 2062/QĐ-BYT), of the same shape as GIAMDINHHS: who sends, and the modules within.

Two notes of one implementation put the facility's signature (CHUKYDONVI) in different places: it is read at
the root, in THONGTINHOSO and in HOSO.
"""

from collections.abc import Mapping
from typing import Final

from lxml import etree

from .envelope import table_xml
from .field_formats import is_day, is_facility_code
from .ksk_catalogue import DOCTOR_SIGNATURE, FORM_PREFIX, ITEM, KskModule, ksk_catalogue
from .ksk_report import KskFindings, KskReport, KskSheet, SignatureForm
from .report import Place, Row
from .table_reader import note_strays, unknown_path
from .xml_parser import Unreadable, child, children, local, parse, text_of

ROOT: Final = "KHAMSUCKHOE"
FACILITY: Final = f"{ROOT}.THONGTINDONVI.MACSKCB"
INFO: Final = f"{ROOT}.THONGTINHOSO"
LIST: Final = f"{INFO}.DANHSACHHOSO"
CHECK: Final = f"{LIST}.HOSO[1]"
SIGNATURE: Final = "CHUKYDONVI"

# There are 11 modules.
MAX_MODULES: Final = 40

# Results of one check; more than any has.
MAX_ITEMS: Final = 2_000


def read_ksk(root: etree._Element, findings: KskFindings) -> KskReport:
    note_strays(root, ("THONGTINDONVI", "THONGTINHOSO", SIGNATURE), ROOT, Place(0), findings)
    report = KskReport(facility=read_facility(root, findings))
    holder = child(root, "THONGTINHOSO")
    check = read_check(holder, findings)
    if check is not None:
        read_modules(check, report, findings)
    places = {ROOT: root, INFO: holder, CHECK: check}
    report.signed_at = next((f"{path}.{SIGNATURE}" for path, each in places.items() if is_signed(each)), "")
    return report


def is_signed(parent: etree._Element | None) -> bool:
    holder = child(parent, SIGNATURE) if parent is not None else None
    return holder is not None and len(holder) > 0


def read_facility(root: etree._Element, findings: KskFindings) -> str:
    unit, place = child(root, "THONGTINDONVI"), Place(0, 0, 0, 1)
    element = child(unit, "MACSKCB") if unit is not None else None
    value = text_of(element)
    if element is None:
        findings.add("element-missing", FACILITY, place)
    elif not value:
        findings.add("required", FACILITY, place)
    elif not is_facility_code(value):
        findings.add("facility-code", FACILITY, place)
    return value if is_facility_code(value) else ""


def read_check(holder: etree._Element | None, findings: KskFindings) -> etree._Element | None:
    """Return the one HOSO, or None when there is none or several."""
    if holder is None:
        findings.add("element-missing", INFO, Place(0, 0, 0, 2))
        return None
    note_strays(
        holder, ("NGAYLAP", "SOLUONGHOSO", "DANHSACHHOSO", SIGNATURE), INFO, Place(0, 0, 0, 2), findings
    )
    check_making(holder, findings)
    listed = child(holder, "DANHSACHHOSO")
    checks = children(listed, "HOSO") if listed is not None else []
    if not checks:
        path = f"{LIST}.HOSO" if listed is not None else LIST
        findings.add("element-missing", path, Place(0, 0, 0, 4))
        return None
    if len(checks) > 1:
        findings.add("one-check", f"{LIST}.HOSO[2]", Place(0, 0, 0, 4))
        return None
    if text_of(child(holder, "SOLUONGHOSO")).lstrip("0") not in ("", "1"):
        findings.add("file-count", f"{INFO}.SOLUONGHOSO", Place(0, 0, 0, 3))
    return checks[0]


def check_making(holder: etree._Element, findings: KskFindings) -> None:
    value = text_of(child(holder, "NGAYLAP"))
    if value and not is_day(value):
        findings.add("date-unreal", f"{INFO}.NGAYLAP", Place(0, 0, 0, 2), "yyyyMMdd")


def read_modules(check: etree._Element, report: KskReport, findings: KskFindings) -> None:
    files = children(check, "FILEHOSO")
    for element in check:
        if local(element.tag) not in ("FILEHOSO", SIGNATURE):
            findings.add("element-unknown", unknown_path(CHECK, local(element.tag)), Place(0, 0, 0, 5))
    if len(files) > MAX_MODULES:
        findings.add("too-many", CHECK, Place(0, 0, 0, 5), f"{MAX_MODULES} FILEHOSO")
        return
    for index, file in enumerate(files):
        read_module(file, index, report, findings)
    forms = [code for code in report.sheets if code in ksk_catalogue().forms]
    if forms and len(report.sheets) > 1:
        findings.add("form-and-modules", forms[0], Place(1, report.sheets[forms[0]].index))
    report.form = int(forms[0].removeprefix(FORM_PREFIX)) if forms else 0
    if not forms and not any(code in ksk_catalogue().forms for code in report.spoilt):
        note_missing(report, findings)


def note_missing(report: KskReport, findings: KskFindings) -> None:
    for number, module in enumerate(ksk_catalogue().modules.values()):
        if module.code in report.sheets or module.code in report.spoilt or module.presence == "optional":
            continue
        rule = "module-missing" if module.presence == "required" else "module-expected"
        findings.add(rule, module.code, Place(1, MAX_MODULES, number))


def read_module(file: etree._Element, index: int, report: KskReport, findings: KskFindings) -> None:
    here, place = f"{CHECK}.FILEHOSO[{index + 1}]", Place(1, index)
    note_strays(file, ("LOAIHOSO", "NOIDUNGFILE"), here, place, findings)
    module = known_module(file, f"{here}.LOAIHOSO", place, report, findings)
    body = child(file, "NOIDUNGFILE")
    if module is None:
        return
    report.spoilt.add(module.code)
    if body is None:
        findings.add("element-missing", f"{here}.NOIDUNGFILE", place)
        return
    try:
        xml = table_xml(body, f"{here}.NOIDUNGFILE", place, findings)
        root = parse(xml)
    except Unreadable as fault:
        path = f"{here}.NOIDUNGFILE" if fault.rule in ("base64", "required") else module.code
        findings.add(fault.rule, path, place, fault.detail)
        return
    if module.root and local(root.tag) != module.root:
        findings.add("table-root", module.code, place, module.root)
        return
    report.sheets[module.code] = read_document(module, root, index, xml, findings)
    report.spoilt.discard(module.code)
    note_doctor(root, module.code, report)


def known_module(
    file: etree._Element, path: str, place: Place, report: KskReport, findings: KskFindings
) -> KskModule | None:
    element = child(file, "LOAIHOSO")
    code = text_of(element)
    module = ksk_catalogue().module(code)
    if element is None or not code:
        findings.add("element-missing" if element is None else "required", path, place)
    elif module is None:
        findings.add("module-unknown", path, place)
    elif code in report.sheets or code in report.spoilt:
        findings.add("module-twice", path, place)
    else:
        return module
    return None


def note_doctor(root: etree._Element, code: str, report: KskReport) -> None:
    """Note how the concluding doctor's signature came, if this module has it."""
    holder = child(root, DOCTOR_SIGNATURE)
    if holder is None or report.doctor != "none":
        return
    form: SignatureForm = "xml" if len(holder) else "other" if text_of(holder) else "none"
    report.doctor, report.concluding = form, code if form != "none" else ""


def read_document(
    module: KskModule, root: etree._Element, index: int, xml: bytes, findings: KskFindings
) -> KskSheet:
    """Return a module's fields as one row, and its repeated results."""
    values: dict[str, str] = {}
    sheet = KskSheet(module.code, index, Row(1, values), [], xml)
    numbers = {name: number for number, name in enumerate(module.fields, 1)}
    for element in root:
        name = local(element.tag)
        if module.item and name not in module.fields and (items := items_of(element, module)):
            read_items(sheet, items, index, findings)
            continue
        if name not in module.fields:
            if not module.open:
                findings.add("element-unknown", unknown_path(module.code, name), Place(1, index, 1, 0))
            continue
        place = Place(1, index, 1, numbers[name])
        if name in values:
            findings.add("element-twice", sheet.path(name), place)
            sheet.row.faulty.add(name)
            continue
        values[name] = text_of(element)
        if len(element) and module.fields[name].part != "signature":
            findings.add("element-nested", sheet.path(name), place)
            sheet.row.faulty.add(name)
    return sheet


def items_of(element: etree._Element, module: KskModule) -> list[etree._Element]:
    """Return the repeated results that *element* is or holds: some write a list around them."""
    return [element] if local(element.tag) == module.item else children(element, module.item)


def read_items(sheet: KskSheet, items: list[etree._Element], index: int, findings: KskFindings) -> None:
    known: Mapping[str, object] = ksk_catalogue().item_fields
    for item in items:
        number = len(sheet.items) + 1
        if number > MAX_ITEMS:
            findings.add("too-many", sheet.code, Place(1, index), f"{MAX_ITEMS:,} {ITEM}")
            return
        row = Row(number, {})
        sheet.items.append(row)
        row.values = read_item(sheet, row, item, index, known, findings)


def read_item(
    sheet: KskSheet,
    row: Row,
    item: etree._Element,
    index: int,
    known: Mapping[str, object],
    findings: KskFindings,
) -> dict[str, str]:
    values: dict[str, str] = {}
    for element in item:
        name, place = local(element.tag), Place(1, index, row.number + 1)
        if name not in known:
            here = sheet.item_path(row, "").rstrip(".")
            findings.add("element-unknown", unknown_path(here, name), place)
        elif name in values:
            findings.add("element-twice", sheet.item_path(row, name), place)
            row.faulty.add(name)
        elif len(element):
            findings.add("element-nested", sheet.item_path(row, name), place)
            row.faulty.add(name)
        else:
            values[name] = text_of(element)
    return values
