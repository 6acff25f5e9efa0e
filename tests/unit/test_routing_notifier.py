"""Who is woken: room that became free is news only for a stream for which something may wait."""

from typing import Any, cast

from chassis.db import Database
from services.routing.service.notifier import Notifier

MAILBOX = "//identity.lientuyen/facilities/01999"


def test_free_room_wakes_only_a_stream_that_may_have_left_something():
    notifier = Notifier(cast(Database, cast(Any, None)))
    with notifier.subscribe(MAILBOX) as held_back, notifier.subscribe(MAILBOX) as done:
        done.wants_room = False

        notifier.publish_capacity(MAILBOX)

        assert (held_back.is_set(), done.is_set()) == (True, False)


def test_a_message_wakes_every_stream():
    notifier = Notifier(cast(Database, cast(Any, None)))
    with notifier.subscribe(MAILBOX) as first, notifier.subscribe(MAILBOX) as second:
        second.wants_room = False

        notifier.publish(MAILBOX)

        assert (first.is_set(), second.is_set()) == (True, True)
