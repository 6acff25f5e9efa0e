"""
A table's XML to rows, and the checks of each row by itself.

A row whose elements are exactly the table's, in order, is read in one go; any other
is looked at element by element, to say what is unknown, absent, twice or astray.
"""

import re
from collections.abc import Callable
from functools import cache

from lxml import etree

from .catalogue import Field, Table, older_tables, tables
from .formats import check, quick
from .report import Findings, Place, Row, Sheet
from .safe import children, local, text_of

# More rows than any stay produces; keeps one file from taking the machine.
MAX_ROWS = 20_000

# Whether any field of a table holds elements: one question for the whole document, by `single`.
NESTED = {True: etree.XPath("boolean(/*/*/*)"), False: etree.XPath("boolean(/*/*/*/*/*)")}

# What an unknown element may be called in a path: no free text, and no number that could be a person's.
_SAYABLE = re.compile(r"(?!.*[0-9]{5})[A-Za-z0-9_]{1,64}", re.ASCII)

# The rows of a table, each with its number from 1.
Items = list[tuple[int, etree._Element]]


def read_table(table: Table, root: etree._Element, index: int, xml: bytes, found: Findings) -> Sheet:
    """Read one table (a document of its own) and check each row by itself."""
    place = Place(1, index)
    sheet = Sheet(table.code, index, [], xml)
    if local(root.tag) != table.root:
        found.add("table-root", table.code, place, table.root)
        return sheet
    items = [(1, root)] if table.single else list_items(table, root, place, found)
    table = variant(table, items)
    sheet.older = table is not tables()[table.code]
    if sheet.older:
        found.add("older-names", table.code, place)
    if len(items) > MAX_ROWS:
        found.add("too-many", table.code, place, f"{MAX_ROWS:,}")
        items = []
    nested = bool(NESTED[table.single](root))
    tests = plan(table)
    for number, item in items:
        if found.full:
            break
        row = read_row(table, item, nested, number, index, found)
        check_row(table, tests, row, index, found)
        sheet.rows.append(row)
    return sheet


def variant(table: Table, items: Items) -> Table:
    """Return the table as it is now, or as QĐ 4750 had it when the element names fit that better."""
    older = older_tables().get(table.code)
    if older is None or not items:
        return table
    names = {local(item.tag) for item in items[0][1]}
    new, old = set(table.names), set(older.names)
    return older if len(names & (old - new)) > len(names & (new - old)) else table


def list_items(table: Table, root: etree._Element, place: Place, found: Findings) -> Items:
    """Return the rows with their numbers; an element that is no row keeps its number and is refused."""
    holders = children(root, table.list)
    note_strays(root, (table.list, "CHUKYDONVI"), table.code, place, found)
    if not holders:
        found.add("table-list", table.code, place, table.list)
        return []
    items = list(enumerate(holders[0], 1))
    for number, item in items:
        if local(item.tag) != table.item:
            found.add("row-element", f"{table.code}[{number}]", Place(1, place.table, number), table.item)
    if not items:
        found.add("rows-missing" if table.code == "XML0" else "rows-none", table.code, place)
    return [(number, item) for number, item in items if local(item.tag) == table.item]


def note_strays(
    parent: etree._Element, names: tuple[str, ...], here: str, place: Place, found: Findings
) -> None:
    """Note what comes twice where each comes once, and what nobody knows: a reader may take either."""
    seen: set[str] = set()
    for element in parent:
        name = local(element.tag)
        if name not in names:
            found.add("element-unknown", sayable(here, name), place)
        elif name in seen:
            found.add("element-twice", f"{here}.{name}", place)
        seen.add(name)


def sayable(here: str, name: str) -> str:
    """Return the path of an unknown element, or of its parent when the name could hold anything."""
    return f"{here}.{name}" if _SAYABLE.fullmatch(name) else here


def path_of(table: Table, number: int) -> str:
    """Return the path of a row: `XML3[2]`, or `XML1` for a table of one row."""
    return table.code if table.single else f"{table.code}[{number}]"


def read_row(
    table: Table, item: etree._Element, nested: bool, number: int, index: int, found: Findings
) -> Row:
    names, values = [], []
    for element in item:
        names.append(element.tag)
        values.append((element.text or "").strip())
    if not nested and tuple(names) == table.names:
        return Row(number, dict(zip(names, values, strict=True)))
    return read_odd_row(table, item, number, index, found)


def read_odd_row(table: Table, item: etree._Element, number: int, index: int, found: Findings) -> Row:
    """Read a row whose elements are not exactly the table's."""
    known = {field.name: field for field in table.fields}
    values: dict[str, str] = {}
    row, here, last = Row(number, values), path_of(table, number), 0
    for element in item:
        name = local(element.tag)
        field = known.get(name)
        if field is None:
            found.add("element-unknown", sayable(here, name), Place(1, index, number, last))
            continue
        place = Place(1, index, number, field.number)
        if name in values:
            found.add("element-twice", f"{here}.{name}", place)
            row.faulty.add(name)
            continue
        if field.number < last:
            found.add("element-order", f"{here}.{name}", place)
        last = max(last, field.number)
        values[name] = text_of(element)
        if len(element):
            found.add("element-nested", f"{here}.{name}", place)
            row.faulty.add(name)
    note_absent(table, row, index, found)
    return row


def note_absent(table: Table, row: Row, index: int, found: Findings) -> None:
    """An absent element is a refusal where a value is always needed, a doubt elsewhere."""
    for field in table.fields:
        if field.name not in row.values:
            rule = "element-missing" if field.required == "always" else "element-absent"
            found.add(
                rule, f"{path_of(table, row.number)}.{field.name}", Place(1, index, row.number, field.number)
            )
            row.faulty.update({field.name} if field.required == "always" else ())


Plan = tuple[tuple[Field, str, bool, Callable[[str], bool]], ...]


@cache
def plan(table: Table) -> Plan:
    """Return, for each field: itself, its name, whether it is always required, its quick test."""
    return tuple((field, field.name, field.required == "always", quick(field)) for field in table.fields)


def check_row(table: Table, tests: Plan, row: Row, index: int, found: Findings) -> None:
    """Check every value of a row: there when always required, and right."""
    get = row.values.get
    for field, name, always, right in tests:
        value = get(name)
        if value:
            if not right(value):
                note(table, row, index, field, value, found)
        elif always and value is not None:
            note_empty(table, row, index, field, found)


def note_empty(table: Table, row: Row, index: int, field: Field, found: Findings) -> None:
    if field.name in row.faulty:
        return
    row.faulty.add(field.name)
    place = Place(1, index, row.number, field.number)
    found.add("required", f"{path_of(table, row.number)}.{field.name}", place)


def note(table: Table, row: Row, index: int, field: Field, value: str, found: Findings) -> None:
    """Say what is wrong with a value that its quick test did not pass."""
    if field.name in row.faulty:
        return
    path, place = f"{path_of(table, row.number)}.{field.name}", Place(1, index, row.number, field.number)
    for rule, detail in check(field, value):
        found.add(rule, path, place, detail)
    if found.refused(path):
        row.faulty.add(field.name)
