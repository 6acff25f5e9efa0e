"""What a model refuses, as an error of the contract."""

from collections.abc import Iterator
from contextlib import contextmanager

from chassis.errors import FailedPrecondition
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.type.v1.reason import Reason

from ..model.messages import StaleLease
from ..model.state_machine import InvalidTransition


@contextmanager
def invalid_transition_as(reason: Reason, name: str) -> Iterator[None]:
    try:
        yield
    except StaleLease as error:
        state = error.state.upper()
        raise FailedPrecondition(reasons.LEASE_STALE, name=name, state=state) from error
    except InvalidTransition as error:
        raise FailedPrecondition(reason, name=name, state=error.state.upper(), action=error.action) from error
