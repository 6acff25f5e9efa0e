"""A health book in the terminal: sections in plain Vietnamese, the newest visit first."""

from collections.abc import Iterable, Iterator

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from .health_book_view import BookView, Fact, Listing, Visit

INDENT = (0, 0, 0, 2)


def screen(view: BookView) -> RenderableType:
    return Group(*_parts(view))


def _parts(view: BookView) -> Iterator[RenderableType]:
    title = Text("Sổ sức khỏe điện tử", style="bold cyan")
    yield Panel(Group(Text(view.name, style="bold"), _facts(view.facts)), title=title, title_align="left")
    if view.allergies:
        yield _notice("Dị ứng", view.allergies, "red")
    if view.gaps:
        yield _notice("Sổ chưa đủ", view.gaps, "yellow")
    yield from map(_listing, view.before)
    if view.visits:
        yield Text("\nCác lượt khám, chữa bệnh", style="bold cyan")
    yield from map(_visit, view.visits)
    yield from map(_listing, view.after)


def _notice(title: str, lines: Iterable[str], style: str) -> Panel:
    text = Text("\n").join(Text(f"• {line}") for line in lines)
    return Panel(text, title=Text(title, style=f"bold {style}"), title_align="left", border_style=style)


def _facts(facts: Iterable[Fact]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, text in facts:
        table.add_row(Text(label), Text(text))
    return table


def _visit(visit: Visit) -> RenderableType:
    heading = Text.assemble(
        "\n", ("▌ ", "cyan"), (visit.when, "bold"), "  ", (visit.where, "bold"), f"  {visit.form}"
    )
    parts: list[RenderableType] = [_facts(visit.facts), *(_listing(listing) for listing in visit.listings)]
    return Group(heading, Padding(Group(*parts), INDENT))


def _listing(listing: Listing) -> RenderableType:
    table = Table(
        title=Text(f"\n{listing.title}", style="bold cyan"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        header_style="dim",
        pad_edge=False,
        caption=Text(listing.note) if listing.note else None,
        caption_justify="left",
    )
    for column in listing.columns:
        table.add_column(column, overflow="fold")
    for row in listing.rows:
        table.add_row(*map(Text, row.cells), style="bold yellow" if row.mark else "")
    return table
