"""
The command `lientuyen`: one file a command.

Exit codes: 0 done · 1 refused, and why is on the screen · 2 misuse · 3 nobody
answered (no stack, a service is down, the deadline passed) · 4 not permitted ·
70 a bug on the other side.
"""

import typer

from . import demo, events, health_book, import_register, inbox, lookup, submit, trace, up, validate

app = typer.Typer(
    name="lientuyen",
    help="Liên Tuyến: điều phối dữ liệu y tế giữa các tuyến.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(up.up)
app.command()(demo.demo)
app.command()(lookup.lookup)
app.command()(validate.validate)
app.command()(submit.submit)
app.command()(inbox.inbox)
app.command("health-book")(health_book.health_book)
app.command()(trace.trace)
app.add_typer(import_register.app, name="import")
app.add_typer(events.app, name="events")


def main() -> None:
    app()
