"""
The page of an invented person's health book, as a browser draws it.

With LIENTUYEN_PICTURE=docs/health-book.png this makes the picture in docs/.
"""

import os
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from lientuyen_client.cli.health_book_html import page
from lientuyen_client.cli.health_book_view import view_of
from tests import invented_book

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WIDTH, HEIGHT = 760, 1720
PNG = b"\x89PNG\r\n\x1a\n"
# Less than a blank picture of this size has.
DRAWN_BYTES = 30_000

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium to draw the page with")


def drawn(html: Path, picture: Path, width: int, height: int) -> bytes:
    command = (
        *(str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
        *(f"--user-data-dir={picture.parent / 'profile'}", f"--window-size={width},{height}"),
        *(f"--screenshot={picture}", html.as_uri()),
    )
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return picture.read_bytes()


@pytest.mark.parametrize("width", [WIDTH, 500])
def test_a_browser_draws_the_page(tmp_path: Path, width: int):
    html = tmp_path / "book.html"
    html.write_text(page(view_of(invented_book.source())), encoding="utf8")

    picture = drawn(html, tmp_path / "book.png", width, HEIGHT)

    assert picture.startswith(PNG)
    assert struct.unpack(">II", picture[16:24]) == (width, HEIGHT)
    assert len(picture) > DRAWN_BYTES
    if width == WIDTH and (wanted := os.environ.get("LIENTUYEN_PICTURE")):
        Path(wanted).write_bytes(picture)
