"""The shape of an error reason.  Written by tools/gen.py; do not edit."""

from typing import NamedTuple


class Reason(NamedTuple):
    """A reason of an error: its name in the contract, who owns it, and its sentence in two languages.

    The sentences hold `{keys}` of the error's metadata.
    """

    name: str
    domain: str
    en: str
    vi: str
