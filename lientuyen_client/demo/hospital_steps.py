"""The steps of the hospitals: reception, check-in and dossier, referral, consent, reuse of a result."""

import asyncio

from lientuyen.identity.v1 import consent_pb2
from lientuyen.identity.v1 import consent_service_pb2 as consents
from lientuyen.identity.v1 import eligibility_service_pb2 as eligibility
from lientuyen.identity.v1 import person_service_pb2 as persons
from lientuyen.records.v1 import dossier_service_pb2 as dossiers
from lientuyen.records.v1 import health_book_service_pb2 as health_book
from lientuyen.records.v1 import reuse_service_pb2 as reuse_service
from lientuyen.records.v1.reuse_pb2 import ReuseDecision
from lientuyen.routing.v1 import mailbox_service_pb2 as mailbox
from lientuyen.routing.v1 import receipt_service_pb2 as receipts
from lientuyen.routing.v1 import referral_service_pb2 as referrals
from lientuyen.routing.v1.receipt_pb2 import ReceiptBody
from lientuyen.routing.v1.referral_pb2 import Referral
from lientuyen.type.v1.access_pb2 import AccessContext

from ..clock import as_date
from ..errors import InvalidArgument
from ..receipt_verification import verify
from . import people, sample_files
from .journey import DOCTOR, NURSE, Cast, JourneyBroken, State, care, digest, expect

SENDER, RECEIVER = f"facility/{people.DISTRICT}", f"facility/{people.PROVINCIAL}"
SENDER_NAME = f"//identity.lientuyen/facilities/{people.DISTRICT}"
RECEIVER_NAME = f"//identity.lientuyen/facilities/{people.PROVINCIAL}"

# The relay delivers within milliseconds; this is how long we look before we call it lost.
DELIVERY_TIMEOUT_S = 15.0


async def reception(cast: Cast, state: State) -> str:
    desk = cast(SENDER)
    match = await desk.persons.FindPerson(
        persons.FindPersonRequest(personal_id=people.PATIENT_ID, access=care(NURSE))
    )
    state.person = match.person
    reply = await desk.eligibility.CheckEligibility(
        eligibility.CheckEligibilityRequest(
            person=match.person.name,
            facility=f"facilities/{people.DISTRICT}",
            day=as_date(state.visit),
            care_category="1.1",
            access=care(NURSE),
        )
    )
    answer = reply.eligibility
    expect(answer.covered and answer.result_code == "000", "the card must be in force")
    return f"mã {answer.result_code}, mức hưởng {answer.payment_rate_percent}%: {answer.message_vi}"


async def check_in(cast: Cast, state: State) -> str:
    request = dossiers.SubmitCheckInRequest(content=sample_files.check_in(state.visit))
    reply = await cast(SENDER).dossiers.SubmitCheckIn(state.record_write(SENDER, "records", request))
    expect(len(reply.check_ins) == 1, "one check-in must be taken")
    return reply.check_ins[0].name


async def faulty_dossier(cast: Cast, state: State) -> str:
    """Send a dossier with five faults: refused whole, every fault named."""
    request = dossiers.SubmitDossierRequest(content=sample_files.dossier(state.visit, faulty=True))
    try:
        await cast(SENDER).dossiers.SubmitDossier(request)
    except InvalidArgument as refusal:
        paths = [fault.path for fault in refusal.violations]
        expect(
            sorted(paths) == sorted(sample_files.FAULTY_PATHS), f"the five faults must be named, not {paths}"
        )
        return f"bị từ chối, {len(paths)} lỗi: {', '.join(paths)}"
    raise JourneyBroken("a faulty dossier was taken")


async def signed_dossier(cast: Cast, state: State) -> str:
    """Send the good dossier, signed; then again, as if the reply had been lost."""
    content = sample_files.sign(sample_files.dossier(state.visit), cast.stack.tls_folder(SENDER))
    request = state.record_write(SENDER, "records", dossiers.SubmitDossierRequest(content=content))
    first = await cast(SENDER).dossiers.SubmitDossier(request)
    again = await cast(SENDER).dossiers.SubmitDossier(request)
    expect(first == again, "sent twice, it must be taken once")
    expect(first.dossier.signature_verified, "the hospital's signature must be verified")
    state.dossier = first.dossier
    rows = sum(table.rows for table in first.dossier.tables)
    tables = len(first.dossier.tables)
    return f"{first.dossier.name}, {tables} bảng, {rows} dòng, chữ ký hợp lệ; gửi lại: vẫn một"


async def referral_waits(cast: Cast, state: State) -> str:
    """See the transfer slip (XML13) wait in the mailbox of a hospital that is offline."""
    async with asyncio.timeout(DELIVERY_TIMEOUT_S):
        while not (listed := await own_referrals(cast, state)):  # noqa: ASYNC110  another process makes it
            await asyncio.sleep(0.05)
    state.referral = listed[0]
    expect(state.referral.state == Referral.STATE_ISSUED, "the referral must be issued")
    expect(RECEIVER not in cast.clients, "the receiving hospital must be offline")
    return f"{state.referral.name}: đã cấp, {people.PROVINCIAL} chưa kết nối"


async def own_referrals(cast: Cast, state: State) -> list[Referral]:
    access = care(DOCTOR, AccessContext.LEGAL_BASIS_OWN_RECORD)
    request = referrals.ListReferralsRequest(person=state.subject, facility=SENDER_NAME, access=access)
    return list((await cast(SENDER).referrals.ListReferrals(request)).referrals)


async def receive(cast: Cast, state: State) -> str:
    hospital, authority = cast(RECEIVER), (cast.stack.tls_folder(RECEIVER) / "ca.crt").read_bytes()
    stream = hospital.mailbox.ReceiveMessages(mailbox.ReceiveMessagesRequest(recipient=RECEIVER_NAME))
    async with asyncio.timeout(DELIVERY_TIMEOUT_S):
        delivery = (await anext(aiter(stream))).delivery
    attested = verify(delivery.receipt, authority)
    expect(attested.sha256 == digest(delivery.body), "the signature must be over this slip")
    expect(delivery.message.about.endswith(state.referral.name), "the message must be the referral's")
    acknowledge = mailbox.AcknowledgeMessageRequest(
        name=delivery.message.name, lease_token=delivery.lease_token
    )
    await hospital.mailbox.AcknowledgeMessage(state.record_write(RECEIVER, "routing", acknowledge))
    accept = referrals.AcceptReferralRequest(name=state.referral.name)
    await hospital.referrals.AcceptReferral(state.record_write(RECEIVER, "routing", accept))
    return f"{len(delivery.body)} byte, chữ ký của trục hợp lệ, đã nhận và chấp nhận"


async def sender_sees(cast: Cast, state: State) -> str:
    referral = (await own_referrals(cast, state))[0]
    expect(referral.state == Referral.STATE_ACCEPTED, "the sender must see that it was accepted")
    name = f"{referral.message}/receipts/acknowledgement"
    reply = await cast(SENDER).receipts.GetReceipt(receipts.GetReceiptRequest(name=name))
    attested = verify(reply.receipt, (cast.stack.tls_folder(SENDER) / "ca.crt").read_bytes())
    expect(attested.kind == ReceiptBody.KIND_ACKNOWLEDGEMENT, "the receipt must attest the acknowledgement")
    return "đã cấp → đã đến → đã chấp nhận; biên nhận có chữ ký, kiểm tra ngoại tuyến: đúng"


async def consent(cast: Cast, state: State) -> str:
    request = consents.CreateConsentRequest(
        parent=state.person.name,
        consent=consent_pb2.Consent(
            facility=f"facilities/{people.PROVINCIAL}",
            purpose=AccessContext.PURPOSE_TREATMENT,
            data_classes=[consent_pb2.DATA_CLASS_CARE],
            proof=consent_pb2.ConsentProof(kind=consent_pb2.ConsentProof.KIND_PAPER, reference="DEMO-0001"),
        ),
    )
    reply = await cast(RECEIVER).consents.CreateConsent(state.record_write(RECEIVER, "identity", request))
    return f"{reply.consent.name.split('/', 2)[-1]}, có hiệu lực ngay, rút lại được bất cứ lúc nào"


async def reuse(cast: Cast, state: State) -> str:
    request = health_book.FindReusableResultsRequest(
        person=state.subject,
        orders=[health_book.OrderedTest(service_code="23.0075.1494")],
        access=care(DOCTOR),
    )
    answer = (await cast(RECEIVER).health_book.FindReusableResults(request)).answers[0]
    expect(answer.reusable, f"the result of the first hospital must be reusable: {answer.message_en}")
    result = answer.results[0]
    decision = reuse_service.RecordReuseDecisionRequest(
        person=state.subject, result=result.name, kind=ReuseDecision.KIND_USED, access=care(DOCTOR)
    )
    kept = (await cast(RECEIVER).reuse.RecordReuseDecision(decision)).decision
    expect(kept.reusable and kept.price.dong > 0, "the repeat avoided must count, at the price of its line")
    price = f"{kept.price.dong:,}".replace(",", ".")
    return f"{result.indicator.display} {result.value} {result.unit}: dùng lại, đỡ {price} đồng"
