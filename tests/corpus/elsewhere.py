"""Rules that take another service, a register or a certificate: the test that plants their faults."""

from typing import Final

PLANTED_ELSEWHERE: Final[dict[str, str]] = {}
