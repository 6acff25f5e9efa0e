"""What a reader may see of a person's records."""

from dataclasses import dataclass
from uuid import UUID

from common.restricted import RESTRICTED, mask_of


@dataclass(frozen=True, slots=True)
class ReadScope:
    """
    What a reader may see.

    *persons* are the ids under which the person's rows are kept, that of each entry merged into
    theirs; when identity was not heard, the one that was asked for.  *reader* is the calling
    facility's code, whose own rows are never hidden; *confined_to* the codes of whose rows alone may
    be seen, none for everybody's: the reader's, and the sender's of a referral; *hidden* the mask of
    restricted classes that must not be seen.  *flagged* is for reads that are reviewed; *denial* why
    others' rows may not be seen; *unreachable* who was not heard.
    """

    persons: tuple[UUID, ...]
    reader: str = ""
    confined_to: tuple[str, ...] = ()
    hidden: int = mask_of(RESTRICTED)
    flagged: bool = False
    denial: str = ""
    unreachable: tuple[str, ...] = ()

    def shows(self, classes: int, facility: str = "") -> bool:
        own = bool(self.reader) and facility == self.reader
        return own or not classes & self.hidden
