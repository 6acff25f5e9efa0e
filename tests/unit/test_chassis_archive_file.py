"""The file of an archive: what was written is read, wherever it was cut off or altered."""

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chassis.archives.archive_file import ArchiveReader, ArchiveWriter, Damaged, Header, row_digest
from chassis.archives.kinds import ACCESS_LOG
from chassis.encryption import DecryptionError, Encryptor, make_key
from services.routing.schema import ARCHIVED

LINES = st.lists(st.text(st.characters(exclude_characters="\n", codec="utf8")), max_size=4)
CHUNKS = st.lists(LINES, min_size=1, max_size=5)


@pytest.fixture(scope="module")
def encryptor(tmp_path_factory: pytest.TempPathFactory) -> Encryptor:
    folder = tmp_path_factory.mktemp("keys")
    make_key(folder)
    return Encryptor(folder, "archives")


def header(encryptor: Encryptor, month: str = "2025-05") -> Header:
    columns = {"messages": ["id"], "arrivals": ["node"], "receipts": ["body"]}
    return Header.new(encryptor, "routing", "messages", month, 1, columns)


def lines_of(chunk: list[str]) -> list[bytes]:
    return [f"messages\t{text}".encode() for text in chunk]


def write(path: Path, encryptor: Encryptor, chunks: list[list[str]]) -> int:
    """Write what is missing of *chunks*, as an export does; return how many were there."""
    with closing(ArchiveWriter(path, header(encryptor), encryptor)) as writer:
        first = writer.totals.chunks
        assert writer.totals.position == (first - 1 if first else None)
        for number, chunk in enumerate(chunks[first:], start=first):
            writer.append(number, lines_of(chunk))
    return first


def read(path: Path, encryptor: Encryptor) -> list[list[bytes]]:
    return [lines for _, lines in ArchiveReader(path, encryptor)]


@settings(deadline=None, max_examples=40)
@given(chunks=CHUNKS, cut=st.floats(0, 1))
def test_a_file_that_was_cut_off_anywhere_is_gone_on_with(
    encryptor: Encryptor, chunks: list[list[str]], cut: float
):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "archive"
        write(path, encryptor, chunks)
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * cut)])

        kept = write(path, encryptor, chunks)

        assert kept <= len(chunks)
        assert read(path, encryptor) == [lines_of(chunk) for chunk in chunks]
        totals = ArchiveReader(path, encryptor).totals()
        assert totals.rows.get("messages", 0) == sum(map(len, chunks))
        assert totals.digest == sum(row_digest(text.encode()) for chunk in chunks for text in chunk)


@settings(deadline=None, max_examples=60)
@given(chunks=CHUNKS, place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@example(chunks=[[], []], place=0.25, bit=3)  # in the base64 of the key
def test_a_bit_that_was_flipped_anywhere_is_found(
    encryptor: Encryptor, chunks: list[list[str]], place: float, bit: int
):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "archive"
        write(path, encryptor, chunks)
        content = bytearray(path.read_bytes())
        content[int(len(content) * place)] ^= 1 << bit
        path.write_bytes(content)

        with pytest.raises((Damaged, DecryptionError)):
            read(path, encryptor)


def test_chunks_cannot_change_places(encryptor: Encryptor, tmp_path: Path):
    write(tmp_path / "archive", encryptor, [["a"], ["b"]])
    content = (tmp_path / "archive").read_bytes()
    frames, place = [], 0
    while place < len(content):
        end = place + 4 + int.from_bytes(content[place : place + 4], "big")
        frames.append(content[place:end])
        place = end

    (tmp_path / "archive").write_bytes(frames[0] + frames[2] + frames[1])

    with pytest.raises(Damaged, match="chunk 0"):
        read(tmp_path / "archive", encryptor)


def test_what_another_export_left_there_is_written_anew(encryptor: Encryptor, tmp_path: Path):
    write(tmp_path / "archive", encryptor, [["a"]])

    with closing(ArchiveWriter(tmp_path / "archive", header(encryptor, "2025-06"), encryptor)) as writer:
        assert (writer.totals.chunks, writer.header.month) == (0, "2025-06")


def test_rows_are_counted_of_the_table_that_the_kind_is_called_by():
    for kind in (ACCESS_LOG, *ARCHIVED):
        assert kind.name == kind.table.name or not kind.dependents
