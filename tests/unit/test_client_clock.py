"""The client shows times as clocks in Viet Nam do."""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from lientuyen_client.clock import local


def test_an_evening_in_utc_is_the_next_day_in_viet_nam():
    time = Timestamp()
    time.FromDatetime(datetime(2026, 12, 31, 18, 30, tzinfo=UTC))

    assert f"{local(time):%d/%m/%Y %H:%M}" == "01/01/2027 01:30"
