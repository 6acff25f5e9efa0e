"""
A table's XML to rows: what is unknown, absent, twice or astray.

A row whose elements are exactly the table's, in order, is read in one go; any other
is looked at element by element, to say what is unknown, absent, twice or astray.
"""

import re

from lxml import etree

from .leaves import Document, Leaves, parse_rows, rows_of
from .report import Findings, Place, Row, Sheet
from .row_rules import check_row, field_tests
from .tables import CHECK_IN, Table, older_tables, tables
from .xml_parser import MAX_CHILDREN, begun_elements, children, first_children, has_too_many, local

# More rows than any stay produces; keeps one file from taking the machine.
MAX_ROWS = 20_000

# A check-in holds one arrival, or those of a few minutes; each row is somebody to look up.
MAX_CHECK_IN_ROWS = 200

# The faults that a row and an element can be named for, when a document stops being readable.
LOCATED = frozenset({"not-xml", "encoding"})

# What an unknown element may be called in a path: no free text, and no number that could be a person's.
_SAFE_NAME = re.compile(r"(?!.*[0-9]{5})[A-Za-z0-9_]{1,64}", re.ASCII)

# The rows of a table, each with its number from 1.
Items = list[tuple[int, Leaves]]


def parse_table(table: Table, xml: bytes) -> Document:
    return parse_rows(xml, table.list, table.item)


def read_table(table: Table, document: Document, index: int, xml: bytes, findings: Findings) -> Sheet:
    """Return the rows of a table, and the XML of one that has one row only."""
    place, root = Place(1, index), document.root
    sheet = Sheet(table.code, index, [], xml if table.single else b"")
    if local(root.tag) != table.root:
        findings.add("table-root", table.code, place, table.root)
        return sheet
    items = read_items(table, document, place, findings)
    table = variant(table, items)
    sheet.older = table.names != tables()[table.code].names
    if sheet.older:
        findings.add("older-names", table.code, place)
    tests = field_tests(table)
    for number, leaves in items:
        if findings.full:
            break
        row = read_row(table, leaves, number, index, findings)
        check_row(table, tests, row, index, findings)
        sheet.rows.append(row)
    return sheet


def max_rows(table: Table) -> int:
    return MAX_CHECK_IN_ROWS if table.code == CHECK_IN else MAX_ROWS


def locate(table: Table, index: int, xml: bytes) -> tuple[str, Place]:
    """Return the path and the place where a table's XML stops being readable: `XML5[3].DIEN_BIEN_LS`.

    Of its elements only those of the table are named: any other could hold anything.
    """
    begun = begun_elements(xml, table.root)
    depth = 0 if table.single else 2
    if len(begun) <= depth or (depth and local(begun[depth].tag) != table.item):
        return table.code, Place(1, index)
    number = len(begun[depth - 1]) if depth else 1
    names = [local(element.tag) for element in begun[depth + 1 : depth + 2]]
    for field in table.fields:
        if field.name in names:
            return f"{table.row_path(number)}.{field.name}", Place(1, index, number, field.number)
    return table.row_path(number), Place(1, index, number)


def variant(table: Table, items: Items) -> Table:
    """Return the table as it is now, or as QĐ 4750 had it when the element names fit that better."""
    older = older_tables().get(table.code)
    if older is None or not items:
        return table
    names = set(map(local, items[0][1].tags))
    only_newer, only_older = set(table.names) - set(older.names), set(older.names) - set(table.names)
    return older if len(names & only_older) > len(names & only_newer) else table


def read_items(table: Table, document: Document, place: Place, findings: Findings) -> Items:
    """Return the rows with their numbers."""
    root = document.root
    if table.single:
        return list(enumerate(rows_of(document, [root], ""), 1))
    numbered = list_items(table, root, place, findings)
    rows = rows_of(document, (item for _, item in numbered), table.item) if numbered else []
    return list(zip((number for number, _ in numbered), rows, strict=True))


def list_items(
    table: Table, root: etree._Element, place: Place, findings: Findings
) -> list[tuple[int, etree._Element]]:
    """Return the elements of rows with their numbers; one that is no row keeps its number and is refused."""
    holders = children(root, table.list)
    note_strays(root, (table.list, "CHUKYDONVI"), table.code, place, findings)
    if not holders:
        findings.add("table-list", table.code, place, table.list)
        return []
    if len(holders[0]) > (limit := max_rows(table)):
        findings.add("too-many", table.code, place, f"{limit:,} {table.item}")
        return []
    items = list(enumerate(holders[0], 1))
    for number, item in items:
        if local(item.tag) != table.item:
            findings.add("row-element", f"{table.code}[{number}]", Place(1, place.table, number), table.item)
    if not items:
        findings.add("rows-missing" if table.code == CHECK_IN else "rows-none", table.code, place)
    return [(number, item) for number, item in items if local(item.tag) == table.item]


def note_strays(
    parent: etree._Element, names: tuple[str, ...], here: str, place: Place, findings: Findings
) -> None:
    seen: set[str] = set()
    if has_too_many(parent):
        findings.add("too-many", here, place, f"{MAX_CHILDREN:,}")
    for element in first_children(parent):
        name = local(element.tag)
        if name not in names:
            findings.add("element-unknown", unknown_path(here, name), place)
        elif name in seen:
            findings.add("element-twice", f"{here}.{name}", place)
        seen.add(name)


def unknown_path(here: str, name: str) -> str:
    """Return the path of an unknown element, or of its parent when the name could hold anything."""
    return f"{here}.{name}" if _SAFE_NAME.fullmatch(name) else here


def read_row(table: Table, leaves: Leaves, number: int, index: int, findings: Findings) -> Row:
    if not leaves.nested and leaves.tags == table.names:
        return Row(number, dict(zip(table.names, leaves.texts, strict=True)))
    return read_odd_row(table, leaves, number, index, findings)


def read_odd_row(table: Table, leaves: Leaves, number: int, index: int, findings: Findings) -> Row:
    known = {field.name: field for field in table.fields}
    values: dict[str, str] = {}
    row, here, last = Row(number, values), table.row_path(number), 0
    if len(leaves.tags) >= MAX_CHILDREN:
        findings.add("too-many", here, Place(1, index, number), f"{MAX_CHILDREN:,}")
    for position, (tag, text) in enumerate(zip(leaves.tags, leaves.texts, strict=True)):
        name = local(tag)
        field = known.get(name)
        if field is None:
            findings.add("element-unknown", unknown_path(here, name), Place(1, index, number, last))
            continue
        place = Place(1, index, number, field.number)
        if name in values:
            findings.add("element-twice", f"{here}.{name}", place)
            row.faulty.add(name)
            continue
        if field.number < last:
            findings.add("element-order", f"{here}.{name}", place)
        last = max(last, field.number)
        values[name] = text
        if position in leaves.nested:
            findings.add("element-nested", f"{here}.{name}", place)
            row.faulty.add(name)
    note_absent(table, row, index, findings)
    return row


def note_absent(table: Table, row: Row, index: int, findings: Findings) -> None:
    """An absent element is a refusal where a value is always needed, a doubt elsewhere."""
    for field in table.fields:
        if field.name not in row.values:
            rule = "element-missing" if field.required == "always" else "element-absent"
            findings.add(
                rule, f"{table.row_path(row.number)}.{field.name}", Place(1, index, row.number, field.number)
            )
            row.faulty.update({field.name} if field.required == "always" else ())
