"""What is left of a call: less the time to answer, and never below nothing."""

import time

import pytest

from chassis.call_context import Call, Caller, calling
from chassis.deadline import LONGEST_MARGIN, REPLY_MARGIN, remaining, reply_margin

HOSPITAL = Caller("facility", "01999")


@pytest.mark.parametrize(
    ("left", "margin"), [(0.1, REPLY_MARGIN), (2.0, 0.1), (10.0, LONGEST_MARGIN), (3600.0, LONGEST_MARGIN)]
)
def test_a_twentieth_is_kept_for_the_answer_within_bounds(left: float, margin: float):
    assert reply_margin(left) == pytest.approx(margin)


def test_what_is_left_is_that_of_the_call():
    assert remaining() is None
    with calling(Call("S/M", "x.S/M", HOSPITAL)):
        assert remaining() is None
    with calling(Call("S/M", "x.S/M", HOSPITAL, time.monotonic() + 60)):
        assert 50 < (remaining() or 0) <= 60
    with calling(Call("S/M", "x.S/M", HOSPITAL, time.monotonic() - 1)):
        assert remaining() == 0
