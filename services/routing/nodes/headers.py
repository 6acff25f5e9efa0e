"""What goes with a message to another node: its origin's receipt, whom it is about, and the referral."""

from typing import Final

from chassis.db import Database, Transaction
from chassis.errors import Unavailable
from lientuyen.routing.v1 import error_reasons as reasons
from lientuyen.routing.v1 import node_link_service_pb2 as pb
from lientuyen.routing.v1 import receipt_pb2

from ..convert.messages import receipt_to_pb
from ..model.messages import Kind, Message
from ..model.receipts import Kind as ReceiptKind
from ..peers.transports import TransportRefused
from ..store.far_receipts import list_far_receipts
from ..store.receipts import get_receipt
from . import store
from .convert import header_to_pb
from .enclosures import Enclosures
from .model import Arrival
from .persons import Persons

# What may go to another node: the bodies of other kinds name people as our own register does.
CROSSING: Final = frozenset({Kind.DOCUMENT, Kind.RESULT, Kind.REFERRAL, Kind.RECORD_RESPONSE, Kind.NOTICE})


class Headers:
    def __init__(self, db: Database, persons: Persons, enclosures: Enclosures, here: str) -> None:
        self._db = db
        self._persons = persons
        self._enclosures = enclosures
        self._here = here

    async def header(self, message: Message) -> pb.RelayHeader:
        """Return what goes before the body of *message*; TransportRefused for a kind that stays here."""
        if message.kind not in CROSSING:
            raise TransportRefused(reasons.KIND_STAYS_HERE)
        async with self._db.connection() as tx:
            arrival = next(iter(await store.list_arrivals(tx, message.id)), None)
            origin = (arrival.origin if arrival is not None else "") or self._here
            receipt = await self._receipt_of(tx, message, origin)
            enclosure = await self._enclosures.enclosure_of(tx, message)
        person = await self._person_of(message, arrival)
        return header_to_pb(message, origin, receipt, person, enclosure)

    async def _person_of(self, message: Message, arrival: Arrival | None) -> pb.RelayedPerson | None:
        """Return who *message* is about: as it came, or as our register knows them."""
        if arrival is not None and arrival.person is not None:
            return self._persons.open(message.id, arrival.person)
        return await self._persons.describe(message.person) if message.person else None

    async def _receipt_of(self, tx: Transaction, message: Message, origin: str) -> receipt_pb2.Receipt:
        if origin == self._here:
            receipt = await get_receipt(tx, message.id, ReceiptKind.ACCEPTANCE)
            if receipt is not None:
                return receipt_to_pb(receipt)
        for node, kind, proof in await list_far_receipts(tx, message.id):
            if (node, kind) == (origin, ReceiptKind.ACCEPTANCE):
                return receipt_pb2.Receipt.FromString(proof)
        raise Unavailable(reasons.ORIGIN_UNPROVEN, message=message.name, node=origin)
