"""
Persons between nodes: told by what is known of them, found by it in one's own register.

A name of ours says nothing elsewhere.  Whoever cannot be found for certain is nobody: what a message brought
of them stays sealed with it, and nothing is filed under another.
"""

from typing import Final
from uuid import UUID

from chassis.encryption import Encryptor
from chassis.errors import FailedPrecondition, InvalidArgument, NotFound
from chassis.peers import Peer
from lientuyen.identity.v1 import person_pb2, person_service_pb2
from lientuyen.identity.v1.person_service_pb2_grpc import PersonServiceStub
from lientuyen.routing.v1 import node_link_service_pb2 as pb
from lientuyen.type.v1.access_pb2 import AccessContext

# Why routing looks: a facility of ours sends what it holds of a patient to one that treats them, or gets it.
ACCESS: Final = AccessContext(
    practitioner="service/routing",
    purpose=AccessContext.PURPOSE_TREATMENT,
    legal_basis=AccessContext.LEGAL_BASIS_OWN_RECORD,
    reason="liên thông giữa các nút",
)

# Which number is told, the surest first.
NUMBERS: Final = (
    (person_pb2.Identifier.KIND_PERSONAL_ID, "personal_id"),
    (person_pb2.Identifier.KIND_CARD_NUMBER, "card_number"),
)


class Persons:
    def __init__(self, identity: Peer, encryptor: Encryptor) -> None:
        self._identity = identity
        self._encryptor = encryptor.derive("relayed persons")
        self._stub = PersonServiceStub(identity.channel)

    async def describe(self, name: str) -> pb.RelayedPerson | None:
        """Return what our register knows of a person; None when it knows nobody of that *name*."""
        request = person_service_pb2.GetPersonRequest(name=name, access=ACCESS)
        try:
            person = (await self._identity.ask(self._stub.GetPerson, request)).person
        except NotFound:
            return None
        described = pb.RelayedPerson(full_name=person.full_name, sex=person.sex)
        if person.HasField("birth_date"):
            described.birth_date.CopyFrom(person.birth_date)
        for number in person.identifiers:
            for kind, field in NUMBERS:
                if number.kind == kind and number.state == person_pb2.Identifier.STATE_CURRENT:
                    setattr(described, field, number.value)
        return described

    async def find(self, described: pb.RelayedPerson) -> str:
        """Return the full name that our register has for a person; empty when it cannot tell for certain."""
        field = next((field for _, field in NUMBERS if getattr(described, field)), "")
        if not field:
            return ""
        stated = person_service_pb2.Demographics(
            full_name=described.full_name, sex=person_pb2.Sex.Name(described.sex)
        )
        if described.HasField("birth_date"):
            stated.birth_date.CopyFrom(described.birth_date)
        request = person_service_pb2.FindPersonRequest(stated=stated, access=ACCESS)
        setattr(request, field, getattr(described, field))
        try:
            response = await self._identity.ask(self._stub.FindPerson, request)
        except (NotFound, FailedPrecondition, InvalidArgument):
            return ""
        return response.entry or response.person.name

    def seal(self, message_id: UUID, described: pb.RelayedPerson) -> bytes:
        plain = described.SerializeToString(deterministic=True)
        return self._encryptor.encrypt(plain, associated_data=message_id.bytes)

    def open(self, message_id: UUID, sealed: bytes) -> pb.RelayedPerson:
        plain = self._encryptor.decrypt(sealed, associated_data=message_id.bytes)
        return pb.RelayedPerson.FromString(plain)
