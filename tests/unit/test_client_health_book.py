"""The health book on a screen."""

from google.protobuf.timestamp_pb2 import Timestamp

from lientuyen.records.v1.health_book_pb2 import Result
from lientuyen_client.cli.health_book import day_of

MORNING = Timestamp(seconds=1_795_136_400)  # 08:00 of 2026-11-20 in Viet Nam


def test_the_day_of_a_result_is_the_one_that_is_known_or_none():
    assert day_of(Result(result_time=MORNING)) == "20/11/2026"
    assert day_of(Result(perform_time=MORNING)) == "20/11/2026"
    assert day_of(Result(time_basis=Result.TIME_BASIS_UNKNOWN)) == "không rõ"
