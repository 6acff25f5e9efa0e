"""
Whoever writes names short is understood as who writes them in full, and gets full ones back.

Stories of the other files are told again by a caller who writes every name short; what they promise of
answers, refusals, the access log and other services holds for them too.
"""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any, Self
from uuid import UUID, uuid4

import pytest
from grpc import StatusCode

from lientuyen.chassis.v1 import audit_service_pb2
from lientuyen.chassis.v1.audit_service_pb2_grpc import AuditServiceStub
from lientuyen.identity.v1 import consent_service_pb2, person_service_pb2
from lientuyen.pharmacy.v1 import lot_service_pb2, lot_service_pb2_grpc
from lientuyen.records.v1 import dossier_service_pb2, health_book_service_pb2
from lientuyen.routing.v1 import mailbox_service_pb2, referral_service_pb2
from tests.harness import ServiceUnderTest, World, refused
from tests.samples import files

from . import test_identity_consents as consents
from . import test_identity_directory as directory
from . import test_identity_eligibility as eligibility
from . import test_identity_licences as licences
from . import test_identity_merges as merges
from . import test_identity_persons as persons
from . import test_pharmacy_dispensings as dispensings
from . import test_pharmacy_prescriptions as prescriptions
from . import test_records_dossiers as dossiers
from . import test_records_health_books as books
from . import test_routing_appointments as appointments
from . import test_routing_mailbox as mailbox
from . import test_routing_record_requests as record_requests
from . import test_routing_referrals as referrals
from .identity_env import TREATMENT, Identity
from .pharmacy_env import Pharmacy
from .records_env import CARE, CITIZEN, PERSON_NAME, Records
from .routing_env import ACCESS, DISTRICT, PERSON, PROVINCE, Routing, upload
from .short_names import SERVICE, ShortNames, names_in, shortened


class ShortIdentity(ShortNames, Identity):
    pass


class ShortRecords(ShortNames, Records):
    pass


class ShortBooks(ShortRecords):
    async def start(self, **settings: Any) -> Self:
        await super().start(**settings)
        await self.submit(files.DOSSIER)
        return self


class ShortRouting(ShortNames, Routing):
    pass


class ShortPharmacy(ShortNames, Pharmacy):
    pass


STORIES: dict[type[ServiceUnderTest], list[Callable[[Any], Awaitable[None]]]] = {
    ShortIdentity: [
        consents.test_a_consent_lets_read_and_its_withdrawal_holds_at_the_next_call,
        consents.test_an_emergency_is_allowed_flagged_counted_and_reviewed,
        consents.test_a_facility_sees_its_own_emergencies_and_reviews_none,
        consents.test_consents_come_in_pages_newest_first_and_their_reading_is_logged,
        consents.test_a_child_s_consent_names_who_agreed,
        directory.test_a_practitioner_is_read_by_licence_and_by_name,
        eligibility.test_a_facility_asks_for_itself_and_records_for_any,
        licences.test_the_staff_of_a_day_is_who_may_practise_there_on_it,
        merges.test_unmerge_gives_everything_back_as_it_was_and_what_came_between_stays,
        merges.test_the_links_of_a_person_are_listed_by_any_of_their_names_standing_and_undone,
        merges.test_the_log_of_a_person_shows_the_accesses_to_each_of_their_entries,
        persons.test_a_newborn_and_a_foreigner_bring_their_papers,
    ],
    ShortRecords: [
        dossiers.test_others_see_a_dossier_only_as_the_person_allows,
        dossiers.test_the_original_comes_back_byte_for_byte_in_pieces,
        dossiers.test_a_facility_lists_its_own_dossiers_page_by_page,
        dossiers.test_the_transfer_slip_and_the_appointment_reach_routing_once,
    ],
    ShortBooks: [
        books.test_a_result_made_elsewhere_is_reused_with_consent,
        books.test_the_citizen_reads_a_whole_book,
        books.test_results_are_listed_latest_first_page_by_page,
        books.test_every_access_leaves_a_row_that_the_citizen_can_read,
    ],
    ShortRouting: [
        appointments.test_a_cancelled_appointment_cannot_be_used_and_frees_its_number,
        appointments.test_appointments_are_listed_by_day_for_the_person_and_for_the_facility,
        mailbox.test_a_rejected_message_is_replayed_behind_the_others_or_stopped,
        mailbox.test_only_the_recipient_opens_a_mailbox_and_only_the_parties_see_a_message,
        mailbox.test_messages_are_listed_by_page_for_their_own_parties,
        record_requests.test_the_holder_gets_the_request_with_its_ground_and_answers_with_a_message,
        record_requests.test_strangers_and_forged_requesters_are_refused,
        referrals.test_a_referral_goes_from_the_mailbox_to_the_care_done_and_its_sender_sees_each_step,
        referrals.test_a_facility_lists_its_own_and_the_person_sees_all,
        referrals.test_a_slip_signed_in_the_future_or_to_oneself_is_refused,
    ],
    ShortPharmacy: [
        dispensings.test_two_pharmacies_share_a_prescription_and_the_third_is_refused,
        dispensings.test_a_reversed_dispensing_frees_its_quantities_once,
        dispensings.test_dispensings_of_a_person_come_in_pages_the_latest_first,
        prescriptions.test_a_replacement_points_back_and_the_old_code_is_dead,
        prescriptions.test_a_facility_lists_its_own_without_consent_and_others_with_it,
        prescriptions.test_every_read_leaves_a_row_and_so_does_every_refusal,
    ],
}


@pytest.mark.parametrize(
    ("kind", "story"),
    [
        pytest.param(kind, story, id=story.__name__.removeprefix("test_"))
        for kind, stories in STORIES.items()
        for story in stories
    ],
)
async def test_the_story_is_the_same_with_every_name_short(world: World, kind: type[Any], story: Any):
    await story(await kind(world).start())


@pytest.mark.parametrize("service", ["//identity.lientuyen/", ""], ids=["full", "short"])
async def test_what_is_kept_holds_the_full_name(world: World, service: str):
    routing = await Routing(world).start()
    names = {"sender": DISTRICT, "recipient": PROVINCE, "person": PERSON}
    header = {field: SERVICE.sub(service, name) for field, name in names.items()}

    await routing.mailbox().SendMessage(upload(b"<x/>", **header))
    await referrals.created(routing, **header)

    kept = await routing.rows("SELECT sender, recipient, person FROM messages ORDER BY accept_time")
    kept += await routing.rows("SELECT sender, recipient, person FROM referrals")
    assert {tuple(row) for row in kept} == {(DISTRICT, PROVINCE, PERSON)}
    assert len(kept) == 3


async def test_a_write_is_the_same_write_by_either_name(world: World):
    identity = await Identity(world).start()
    person, stub = await identity.person(), identity.consents()
    consent = await identity.consent(person.name)
    withdrawal = consent_service_pb2.WithdrawConsentRequest(request_id=str(uuid4()), name=consent.name)

    first = await stub.WithdrawConsent(withdrawal)
    again = await stub.WithdrawConsent(shortened(withdrawal))

    assert again == first
    assert first.consent.name == consent.name


async def test_a_write_of_the_release_before_is_the_same_write_with_names_in_full_too(world: World):
    """That release took the fingerprint of the names as they were written, and both forms were taken."""
    identity = await Identity(world).start()
    person, stub = await identity.person(), identity.consents()
    consent = await identity.consent(person.name)
    withdrawal = consent_service_pb2.WithdrawConsentRequest(request_id=str(uuid4()), name=consent.name)
    first = await stub.WithdrawConsent(withdrawal)
    body = consent_service_pb2.WithdrawConsentRequest(name=consent.name).SerializeToString()
    written = b"lientuyen.identity.v1.ConsentService/WithdrawConsent\0" + body
    await identity.rows(
        "UPDATE replies SET fingerprint = $1 WHERE request_id = $2 RETURNING request_id",
        sha256(written).digest(),
        UUID(withdrawal.request_id),
    )

    again = await stub.WithdrawConsent(withdrawal)

    assert again == first


async def test_a_list_goes_on_by_the_other_name(world: World):
    identity = await Identity(world).start()
    person, stub = await identity.person(), identity.consents()
    for _ in range(3):
        await identity.consent(person.name)
    request = consent_service_pb2.ListConsentsRequest(parent=person.name, page_size=2, access=TREATMENT)

    first = await stub.ListConsents(request)
    request.page_token = first.next_page_token
    rest = await stub.ListConsents(shortened(request))

    assert (len(first.consents), len(rest.consents), rest.next_page_token) == (2, 1, "")


async def test_a_refusal_names_things_in_full(world: World):
    identity, records, routing = Identity(world), Records(world), Routing(world)
    for service in (identity, records, routing):
        await service.start()
    nobody, nothing = f"persons/{uuid4()}", str(uuid4())

    refusals = [
        await refused(
            identity.persons().GetPerson(person_service_pb2.GetPersonRequest(name=nobody, access=TREATMENT))
        ),
        await refused(
            records.dossiers().GetDossier(
                dossier_service_pb2.GetDossierRequest(name=f"dossiers/{nothing}", access=CARE)
            )
        ),
        await refused(
            routing.referrals("facility/79999").GetReferral(
                referral_service_pb2.GetReferralRequest(name=f"referrals/{nothing}", access=ACCESS)
            )
        ),
    ]

    assert [refusal.metadata["name"] for refusal in refusals] == [
        f"//identity.lientuyen/{nobody}",
        f"//records.lientuyen/dossiers/{nothing}",
        f"//routing.lientuyen/referrals/{nothing}",
    ]


async def test_streams_and_the_access_log_give_full_names(world: World):
    routing = await ShortRouting(world).start()
    await routing.mailbox().SendMessage(upload(b"<x/>", person=PERSON))
    async with routing.receiving("facility/79999") as inbox:
        delivery = await inbox.next()
    log = routing.stub(AuditServiceStub, "authority/vneid")

    accesses = (await log.ListAccesses(audit_service_pb2.ListAccessesRequest(subject=PERSON))).accesses

    assert [name for name in names_in(delivery) if not SERVICE.match(name)] == []
    assert {access.name.partition("accesses/")[0] for access in accesses} == {"//routing.lientuyen/"}


async def test_the_name_of_another_services_thing_is_no_short_name(world: World):
    """`persons/…` is identity's; `//records.lientuyen/persons/…` is nobody's, and neither is half a name."""
    records, pharmacy = await Records(world).start(), await Pharmacy(world).start()
    await records.submit(files.DOSSIER)
    book = health_book_service_pb2.GetHealthBookRequest
    wrong = [
        records.books("authority/vneid").GetHealthBook(book(person=name, access=CITIZEN))
        for name in (
            PERSON_NAME.replace("identity", "records"),
            f"//identity.lientuyen{PERSON_NAME[1:]}",
            f"/{SERVICE.sub('', PERSON_NAME)}",
            PERSON_NAME.rpartition("/")[2],
        )
    ]
    lots = pharmacy.stub(lot_service_pb2_grpc.LotServiceStub, "operator/dev")
    built = await refused(
        lots.TraceLot(lot_service_pb2.TraceLotRequest(name="//pharmacy.lientuyen/drugs/a/lots/b"))
    )

    assert {(await refused(call)).code for call in wrong} == {StatusCode.INVALID_ARGUMENT}
    assert built.code is StatusCode.UNIMPLEMENTED


async def test_a_receiver_opens_the_same_mailbox_by_either_name(world: World):
    routing = await Routing(world).start()
    stub = routing.mailbox("facility/79999")
    await routing.send(b"<x/>")

    listed = [
        await stub.ListMessages(mailbox_service_pb2.ListMessagesRequest(recipient=name))
        for name in (PROVINCE, SERVICE.sub("", PROVINCE))
    ]

    assert listed[0] == listed[1]
    assert len(listed[0].messages) == 1
