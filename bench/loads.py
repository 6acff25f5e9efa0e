"""
What a load is, and how one is declared.

    @bench(stores=["select"], needs=[people.stored])
    async def find_person(caller: Caller) -> None:
        \"\"\"FindPerson by personal ID; {persons:,} persons stored.\"\"\"
        reply = await caller.stub(PersonServiceStub, "identity", HOSPITAL).FindPerson(...)
        need(reply.person.name, "the person must be found")

It makes one call and returns; what it needs was put there before by *needs*,
once a run, in the parent process.  One that must not be timed whole returns
the seconds that count.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .calling import Caller
    from .site import Site

Call = Callable[["Caller"], Awaitable[float | None]]
Need = Callable[["Site"], Awaitable[None]]


class WrongAnswer(Exception):
    """The answer is not what it must be: the run fails."""


@dataclass(frozen=True, slots=True)
class Load:
    """A named load.

    *stores* are the floors of its statements: "select" where it reads, "insert" where something must be
    durable, as a row of the access log is.  *callers* calls are under way at once, or *rate* calls a
    second are begun, whether the others were answered or not.  *settle* waits, after each slice, until
    what was left to do behind the answers is done, and checks it.  One that is not *compared* has no
    ratios: a race, or calls begun by the clock.  *beside* are loads whose slices take turns with this
    one's, to be compared with it line by line.  One that is *sized* is measured anew at each size of the
    population; in a run of all loads at its own *sizes*, if it has any.  A call that carries *rows* is told
    in rows a second too.
    """

    name: str
    call: Call
    conditions: str
    stores: Sequence[str]
    needs: Sequence[Need]
    settle: Need | None
    callers: int
    rate: float
    remote_calls: int
    compared: bool
    is_floor: bool
    beside: Sequence[str] = ()
    sized: bool = False
    rows: int = 0
    sizes: Sequence[int] = ()


LOADS: dict[str, Load] = {}


def bench(
    *,
    stores: Sequence[str] = (),
    needs: Sequence[Need] = (),
    settle: Need | None = None,
    callers: int = 16,
    rate: float = 0.0,
    remote_calls: int = 1,
    compared: bool = True,
    is_floor: bool = False,
    beside: Sequence[str] = (),
    sized: bool = False,
    rows: int = 0,
    sizes: Sequence[int] = (),
) -> Callable[[Call], Call]:
    """Make a load of a function; its name is the load's, its docstring's first line the conditions."""

    def register(call: Call) -> Call:
        conditions = (call.__doc__ or "").strip().splitlines()[0]
        name = call.__name__
        is_compared = compared and not rate
        LOADS[name] = Load(
            name,
            call,
            conditions,
            stores,
            needs,
            settle,
            callers,
            rate,
            remote_calls,
            is_compared,
            is_floor,
            beside,
            sized,
            rows,
            sizes,
        )
        return call

    return register


def need(fact: object, sentence: str) -> None:
    """Fail the call unless *fact*."""
    if not fact:
        raise WrongAnswer(sentence)


def conditions(load: Load, *, persons: int, clients: int, cores: int) -> str:
    """Return the conditions line: the load's own, who calls how, and what is shared."""
    own = load.conditions.format(persons=persons).rstrip(".")
    how = f"{load.rate:g} begun a second" if load.rate else f"{load.callers} at once"
    processes = "1 client process" if clients == 1 else f"{clients} client processes"
    wire = "" if load.is_floor else " mutual TLS, traces at 10 %;"
    return f"{own};{wire} {how} from {processes}; client and server share {cores} cores."
