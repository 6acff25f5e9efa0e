"""UTF-8 is looked at a part after the other, and judged as if it were read at once."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kcb import xml_parser
from kcb.xml_parser import Unreadable, check_utf8, line_and_column

LETTERS = st.text("aĐ\nế𠀀", max_size=40).map(str.encode)
BYTES = st.one_of(
    LETTERS,
    st.binary(max_size=40),
    st.builds(lambda a, b, c: a + b + c, LETTERS, st.binary(max_size=3), LETTERS),
)


def at_once(content: bytes) -> str:
    try:
        content.decode("utf8")
    except UnicodeDecodeError as error:
        return line_and_column(content[: error.start])
    return ""


def in_parts(content: bytes) -> str:
    try:
        check_utf8(content)
    except Unreadable as fault:
        return f"{fault.detail}"
    return ""


@given(BYTES, st.integers(1, 9))
@example("𠀀".encode()[:3], 1)
@example("aế".encode()[:-1] + b"a", 2)
def test_the_place_of_what_is_no_utf8_does_not_depend_on_the_parts(content: bytes, size: int):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xml_parser, "DECODED_BYTES", size)

        assert in_parts(content) == at_once(content)
