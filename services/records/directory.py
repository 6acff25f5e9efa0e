"""What records asks of identity's registers: who works where, which facilities there are, signers, cards."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

from chassis.errors import NotFound, Unavailable, Unimplemented
from chassis.peers import Peer
from common.names import FACILITIES, facility_name, last_part, person_name
from common.values import date_from_pb, date_to_pb, timestamp_from_pb
from kcb.registers import LAST, KnownCard
from kcb.signing_certificates import SigningCertificate
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.identity.v1 import (
    coverage_pb2,
    eligibility_service_pb2,
    facility_service_pb2,
    practitioner_service_pb2,
    signing_certificate_pb2,
    signing_certificate_service_pb2,
)
from lientuyen.identity.v1.eligibility_service_pb2_grpc import EligibilityServiceStub
from lientuyen.identity.v1.facility_service_pb2_grpc import FacilityServiceStub
from lientuyen.identity.v1.practitioner_service_pb2_grpc import PractitionerServiceStub
from lientuyen.identity.v1.signing_certificate_service_pb2_grpc import SigningCertificateServiceStub
from lientuyen.type.v1.access_pb2 import AccessContext

# Rows of one page of the directory.
PAGE_SIZE = 500

# Seconds that the directory is kept, and that it is not asked for after it did not answer.
KEPT_S, RETRY_S = 600.0, 60.0
# Pages of one list: no facility has 20,000 practitioners, nor the country facilities.  Facilities whose
# practitioners are kept, and numbers of all of them: some 100 bytes each.
MAX_PAGES, MAX_KEPT, MAX_KEPT_NUMBERS = 40, 2_000, 300_000


class Directory:
    """The directory of identity, as it was read some minutes ago; None where it cannot be told."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._practitioners = PractitionerServiceStub(peer.channel)
        self._facilities = FacilityServiceStub(peer.channel)
        self._known: OrderedDict[str, tuple[float, frozenset[str] | None]] = OrderedDict()

    async def licences(self, facility: str) -> frozenset[str] | None:
        """Return the licence numbers of whoever is registered with *facility* (bare code) or lent to it."""
        return await self._kept(facility, lambda: self._pages(self._page_of_licences, facility))

    async def facilities(self) -> frozenset[str] | None:
        """Return the codes of all facilities, closed ones too."""
        return await self._kept("", lambda: self._pages(self._page_of_facilities, ""))

    async def _kept(
        self, key: str, read: Callable[[], Awaitable[frozenset[str] | None]]
    ) -> frozenset[str] | None:
        until, known = self._known.get(key, (0.0, None))
        if until > time.monotonic():
            return known
        # Who comes meanwhile takes what there is; after a failure nobody asks for a while.
        self._keep(key, known, RETRY_S)
        known = await read()
        self._keep(key, known, KEPT_S)
        return known

    def _keep(self, key: str, known: frozenset[str] | None, seconds: float) -> None:
        self._known[key] = time.monotonic() + seconds, known
        self._known.move_to_end(key)
        while len(self._known) > MAX_KEPT or self._numbers() > MAX_KEPT_NUMBERS:
            self._known.popitem(last=False)

    def _numbers(self) -> int:
        return sum(len(known or ()) for _, known in self._known.values())

    async def _pages(
        self, page: Callable[[str, str], Awaitable[tuple[list[str], str]]], facility: str
    ) -> frozenset[str] | None:
        """Return what all pages hold; None for nothing, and for more than anybody has."""
        known, token = set[str](), ""
        for _ in range(MAX_PAGES):
            codes, token = await page(facility, token)
            known.update(codes)
            if not token:
                return frozenset(known) or None
        return None

    async def _page_of_licences(self, facility: str, token: str) -> tuple[list[str], str]:
        request = practitioner_service_pb2.ListPractitionersRequest(
            facility=facility_name(facility), page_size=PAGE_SIZE, page_token=token
        )
        page = await self._peer.ask(self._practitioners.ListPractitioners, request)
        return [each.licence_number for each in page.practitioners], page.next_page_token

    async def _page_of_facilities(self, _: str, token: str) -> tuple[list[str], str]:
        request = facility_service_pb2.ListFacilitiesRequest(
            page_size=PAGE_SIZE, page_token=token, show_closed=True
        )
        page = await self._peer.ask(self._facilities.ListFacilities, request)
        return [last_part(each.name) for each in page.facilities], page.next_page_token


class SigningDirectory:
    """Identity's directory, as far as it tells of signing."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._certificates = SigningCertificateServiceStub(peer.channel)
        self._facilities = FacilityServiceStub(peer.channel)

    async def find_certificates(
        self, *, sha256: str = "", serial_number: str = ""
    ) -> list[SigningCertificate]:
        """Return where a certificate is registered, at most 500 facilities; revoked ones too.

        Unavailable when identity does not answer, or is older than the register.
        """
        request = signing_certificate_service_pb2.ListSigningCertificatesRequest(
            parent=f"{FACILITIES}-", page_size=PAGE_SIZE, sha256=sha256, serial_number=serial_number
        )
        try:
            response = await self._peer.ask(self._certificates.ListSigningCertificates, request)
        except Unimplemented as error:
            raise Unavailable(chassis_reasons.PEER_UNAVAILABLE, peer="identity") from error
        return [_signing_certificate(message) for message in response.signing_certificates]

    async def unsigned_until(self, facility: str) -> date | None:
        """Return the last day on which *facility* (bare code) may send unsigned files, or None."""
        request = facility_service_pb2.GetFacilityRequest(name=facility_name(facility))
        try:
            response = await self._peer.ask(self._facilities.GetFacility, request)
        except NotFound:
            return None
        return date_from_pb(response.facility.unsigned_until)


def _signing_certificate(message: signing_certificate_pb2.SigningCertificate) -> SigningCertificate:
    """Return a registered certificate; revoked for a reason that we do not know, its key is compromised."""
    Reason = signing_certificate_pb2.SigningCertificate.RevokeReason
    is_revoked = message.HasField("revoke_time")
    harmless = (Reason.REVOKE_REASON_SUPERSEDED, Reason.REVOKE_REASON_CEASED)
    return SigningCertificate(
        facility=message.name.split("/")[-3],
        der=message.der,
        revoke_time=timestamp_from_pb(message.revoke_time) if is_revoked else None,
        compromised=is_revoked and message.revoke_reason not in harmless,
        practitioner=message.practitioner,
    )


class CardRegister:
    """Identity, as far as it knows insurance cards."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._eligibility = EligibilityServiceStub(peer.channel)

    async def list_cards(
        self, person: UUID, facility: str, arrival: date, form_of_care: str, access: AccessContext
    ) -> tuple[list[KnownCard], bool]:
        """Return the cards of who came to *facility* (bare code), and whether their source confirms them now.

        Unavailable without an answer; NotFound of a facility that the directory does not know.
        """
        request = eligibility_service_pb2.CheckEligibilityRequest(
            person=person_name(person),
            facility=facility_name(facility),
            day=date_to_pb(arrival),
            treatment_start=date_to_pb(arrival),
            care_form=form_of_care,
            access=access,
        )
        eligibility = (await self._peer.ask(self._eligibility.CheckEligibility, request)).eligibility
        return [_known_card(coverage) for coverage in eligibility.coverages], not eligibility.stale


def _known_card(coverage: coverage_pb2.Coverage) -> KnownCard:
    """Return a card of the register; one without a last day has no end."""
    first, last = date_from_pb(coverage.valid_from), date_from_pb(coverage.valid_to)
    return KnownCard(
        coverage.card_number,
        f"{first:%Y%m%d}" if first else "",
        f"{last:%Y%m%d}" if last else LAST,
        usable=not coverage.standing,
    )
