"""`lientuyen summary`: the patient summary as an HL7 FHIR document (tóm tắt thông tin sức khỏe)."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from lientuyen.identity.v1 import person_service_pb2 as persons
from lientuyen.records.v1 import health_book_service_pb2 as books

from ..client import connect
from .common import As, AsJson, check_regular, err, print_json, print_line, run
from .failures import text_of
from .health_book import OWN_ACCESS, typed_personal_id

PRIVATE = 0o600

Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="TỆP", help="Ghi tài liệu vào tệp này; mặc định là ra màn hình."),
]


def summary(
    personal_id: Annotated[list[str], typer.Argument(metavar="SỐ", help="Số định danh cá nhân (12 chữ số).")],
    output: Output = None,
    caller: As = "authority/vneid",
    as_json: AsJson = False,
) -> None:
    """Lấy bản tóm tắt sức khỏe dạng HL7 FHIR (IPS) như người dân lấy qua VNeID."""
    run(write_summary(typed_personal_id(" ".join(personal_id)), caller, output, as_json=as_json))


async def write_summary(personal_id: str, caller: str, output: Path | None, *, as_json: bool) -> int:
    async with connect(caller) as client:
        find = persons.FindPersonRequest(personal_id=personal_id, access=OWN_ACCESS)
        person = (await client.persons.FindPerson(find)).person.name
        reply = await client.health_book.GetPatientSummary(
            books.GetPatientSummaryRequest(person=person, access=OWN_ACCESS)
        )
    if output is None:
        print_line(reply.document)
    else:
        write_private(output, reply.document)
    if output is not None and as_json:
        print_json({"file": text_of(output), "unreachable": list(reply.unreachable)})
    else:
        for name in reply.unreachable:
            err.print(f"[yellow]chưa lấy được dữ liệu từ {escape(name)}[/]")
    return 0


def write_private(path: Path, content: bytes) -> None:
    """Write what is one person's into the file *path*, which nobody but its owner may read."""
    check_regular(path)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        path.chmod(PRIVATE)
        file.write(content)
