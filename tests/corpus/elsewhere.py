"""Rules that take another service, a register or a certificate: the test that plants their faults."""

from typing import Final

_PERSONS: Final = "tests/contract/test_records_stated_persons.py"
_SLIPS: Final = "tests/contract/test_records_slips.py"
_STANDING: Final = "tests/contract/test_records_slips_standing.py"
_AGAIN: Final = "tests/contract/test_records_resubmissions.py"
_SIGNED: Final = "tests/contract/test_records_signatures.py"

PLANTED_ELSEWHERE: Final[dict[str, str]] = {
}

# Told as `signature` and `signature-unverified` by what verifies signatures today.
NAMED_BY_SIGNATURES: Final = frozenset()
