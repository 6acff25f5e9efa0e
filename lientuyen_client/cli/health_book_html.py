"""
A health book as one HTML file that needs nothing else: no script, no font, no picture, no address.

It is for a telephone's width, a screen and paper, in light and dark; and for who hears it read: headings in
order, tables with headers, nothing told by colour alone.  Every text is escaped where it is put in.
"""

import html
from collections.abc import Iterable

from .health_book_view import BookView, Fact, Listing, Row, Visit

STYLE = """
:root{color-scheme:light dark;--ink:#17252f;--soft:#4d606d;--line:#d5dee4;--paper:#fff;--ground:#f1f5f7;
--accent:#00627a;--wash:#e6f3f6;--red:#9b1c1c;--red-wash:#fdecec;--amber:#7a4b00;--amber-wash:#fff5e0}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf1;--soft:#a5b5bf;--line:#33444f;--paper:#18232a;
--ground:#10181d;--accent:#6fcbe0;--wash:#123440;--red:#ffb1ab;--red-wash:#421c1c;--amber:#ffd48a;
--amber-wash:#3d2c0c}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);line-height:1.5;
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",Arial,sans-serif}
main{max-width:60rem;margin:0 auto;padding:1rem}
header,section,article{background:var(--paper);border:1px solid var(--line);border-radius:.75rem;
padding:1rem 1.25rem;margin:0 0 1rem}
header{border-top:.4rem solid var(--accent)}
h1{font-size:1.6rem;margin:.1rem 0 .75rem}h2{font-size:1.2rem;margin:0 0 .6rem;color:var(--accent)}
h3{font-size:1.05rem;margin:0 0 .5rem}h4{font-size:.95rem;margin:1rem 0 .35rem;color:var(--accent)}
.kicker{color:var(--accent);font-weight:600;margin:0}
dl{display:grid;gap:.25rem;margin:0}
dl>div{display:grid;grid-template-columns:minmax(7rem,10rem) 1fr;gap:0 1rem}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere;white-space:pre-line}
header dl{grid-template-columns:repeat(auto-fit,minmax(10rem,1fr));gap:.6rem 1rem}
header dl>div{display:block}
header dd{font-weight:600}
ul{margin:0;padding-left:1.25rem}li{overflow-wrap:anywhere}
.alert{background:var(--red-wash);border-color:var(--red)}.alert h2{color:var(--red)}
.gap{background:var(--amber-wash);border-color:var(--amber)}.gap h2{color:var(--amber)}
.visits{background:none;border:0;padding:0}.visits>h2{padding:0 .25rem}
article{border-left:.3rem solid var(--accent)}
.form{display:inline-block;font-weight:400;font-size:.85rem;background:var(--wash);border-radius:1rem;
padding:.05rem .65rem;margin-left:.35rem}
table{width:100%;border-collapse:collapse;font-size:.95rem}
th,td{text-align:left;vertical-align:top;padding:.4rem .6rem .4rem 0;border-top:1px solid var(--line);
overflow-wrap:break-word}
.short{white-space:nowrap}
thead th{border-top:0;color:var(--soft);font-weight:600;font-size:.85rem}
tbody th{font-weight:600}
tr.mark td,tr.mark th{background:var(--amber-wash)}
.badge{font-weight:700;color:var(--amber)}
footer{color:var(--soft);font-size:.85rem;padding:0 .25rem}
@media (max-width:36rem){
main{padding:.5rem}header,section,article{padding:.8rem .9rem}.visits{padding:0}
dl>div{display:block}dl{gap:.5rem}header dl{grid-template-columns:1fr 1fr}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tr{display:block;padding:.5rem 0;border-top:1px solid var(--line)}
th,td{display:block;border:0;padding:.05rem .4rem}
td.empty{display:none}
td::before{content:attr(data-label) ": ";color:var(--soft)}}
@media print{
@page{margin:15mm}
:root{--ink:#000;--soft:#333;--line:#999;--paper:#fff;--ground:#fff;--accent:#00455a;--wash:#fff;
--red:#8b0000;--red-wash:#fff;--amber:#5c3900;--amber-wash:#fff}
body{font-size:10.5pt}main{max-width:none;padding:0}
header,section,article{border-radius:0;padding:.5rem .75rem}
h2,h3,h4{break-after:avoid}tr,li,dl{break-inside:avoid}thead{display:table-header-group}}
"""

# Characters of a cell that is never broken: a date, a number.
SHORT = 12

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


class Html(str):
    """Text that is HTML already; every other text is escaped."""

    __slots__ = ()


def element(name: str, *children: str, **attributes: str) -> Html:
    """Return an element; in an attribute's name `_` stands for `-`, and `class_` for `class`."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(value)}"' for key, value in attributes.items()
    )
    return Html(f"<{name}{written}>{inside(children)}</{name}>")


def inside(children: Iterable[str]) -> Html:
    return Html("".join(child if isinstance(child, Html) else html.escape(child) for child in children))


def page(view: BookView) -> str:
    """Return the whole document."""
    title = f"Sổ sức khỏe điện tử – {view.name}"
    head = element(
        "head",
        Html('<meta charset="utf-8">'),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{html.escape(POLICY)}">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html('<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">'),
        element("title", title),
        element("style", Html(STYLE)),
    )
    body = element("body", element("main", *_parts(view)))
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='vi')}\n"


def _parts(view: BookView) -> Iterable[Html]:
    yield element(
        "header",
        element("p", "Sổ sức khỏe điện tử", class_="kicker"),
        element("h1", view.name),
        _facts(view.facts),
    )
    if view.allergies:
        yield _notice("alert", "⚠ Dị ứng", view.allergies)
    if view.gaps:
        yield _notice("gap", "Sổ chưa đủ", view.gaps)
    yield from (element("section", *_listing(listing, "h2")) for listing in view.before)
    if view.visits:
        visits = map(_visit, view.visits)
        yield element("section", element("h2", "Các lượt khám, chữa bệnh"), *visits, class_="visits")
    yield from (element("section", *_listing(listing, "h2")) for listing in view.after)
    yield element("footer", "Lập từ hồ sơ do các cơ sở gửi về.  Tệp này có dữ liệu sức khỏe: hãy giữ kín.")


def _notice(kind: str, title: str, lines: Iterable[str]) -> Html:
    items = (element("li", line) for line in lines)
    return element("section", element("h2", title), element("ul", *items), class_=kind)


def _facts(facts: Iterable[Fact]) -> Html:
    pairs = ((element("dt", label), element("dd", text)) for label, text in facts)
    return element("dl", *(element("div", *pair) for pair in pairs))


def _visit(visit: Visit) -> Html:
    heading = element("h3", f"{visit.when} – {visit.where} ", element("span", visit.form, class_="form"))
    listings = (part for listing in visit.listings for part in _listing(listing, "h4"))
    return element("article", heading, _facts(visit.facts), *listings)


def _listing(listing: Listing, heading: str) -> Iterable[Html]:
    yield element(heading, listing.title)
    headers = (element("th", column, scope="col") for column in listing.columns)
    rows = (_row(row, listing.columns) for row in listing.rows)
    yield element(
        "table", element("thead", element("tr", *headers)), element("tbody", *rows), aria_label=listing.title
    )
    if listing.note:
        yield element("p", listing.note)


def _row(row: Row, columns: tuple[str, ...]) -> Html:
    first, *others = row.cells
    cells = [element("th", first, scope="row", **_width(first))]
    cells += (_cell(label, text, row.mark) for label, text in zip(columns[1:], others, strict=True))
    return element("tr", *cells, class_="mark") if row.mark else element("tr", *cells)


def _cell(label: str, text: str, mark: str) -> Html:
    if not text:
        return element("td", class_="empty")
    marked = mark and text.startswith(mark)
    content = element("strong", text, class_="badge") if marked else text
    return element("td", content, data_label=label, **_width(text))


def _width(text: str) -> dict[str, str]:
    """Return what keeps a date or a number on one line."""
    return {"class_": "short"} if len(text) <= SHORT and " " not in text else {}
