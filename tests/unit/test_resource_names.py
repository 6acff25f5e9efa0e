"""One form of a name inside, whichever a caller writes; what is remembered of before fits it."""

from chassis.idempotency import _bodies
from chassis.pagination import associated_data
from chassis.resource_names import make_full, make_own_short
from lientuyen.chassis.v1.audit_service_pb2 import ListAccessesRequest
from lientuyen.identity.v1.consent_service_pb2 import ListConsentsRequest
from lientuyen.pharmacy.v1.prescription_pb2 import Prescription
from lientuyen.pharmacy.v1.prescription_service_pb2 import IssuePrescriptionRequest
from lientuyen.routing.v1.referral_pb2 import Referral
from lientuyen.routing.v1.referral_service_pb2 import AcceptReferralRequest, CreateReferralRequest

ID = "5b0e3d0e-4f6e-4c55-8f7a-2a7b8f1c0d13"
PERSON, HOSPITAL = f"//identity.lientuyen/persons/{ID}", "//identity.lientuyen/facilities/01999"


def test_names_are_made_full_in_the_request_and_in_what_it_holds():
    request = CreateReferralRequest(referral=Referral(person=f"persons/{ID}", sender="facilities/01999"))

    make_full(request)

    assert request.referral == Referral(person=PERSON, sender=HOSPITAL)


def test_lists_of_names_are_made_full():
    request = ListAccessesRequest(subject=PERSON, merged=[f"persons/{ID}", PERSON])

    make_full(request)

    assert list(request.merged) == [PERSON, PERSON]


def test_what_is_no_name_of_the_kind_stays_for_the_rules_to_judge():
    texts = ["", "01999", "persons/1", "/facilities/01999", "//pharmacy.lientuyen/facilities/01999"]
    requests = [IssuePrescriptionRequest(prescription=Prescription(facility=text)) for text in texts]

    for request in requests:
        make_full(request)

    assert [request.prescription.facility for request in requests] == texts


def test_a_field_that_is_not_set_stays_unset():
    request = CreateReferralRequest()

    make_full(request)

    assert not request.HasField("referral")


def test_the_services_own_names_are_made_short_and_others_are_left():
    prescription = Prescription(name=f"//pharmacy.lientuyen/prescriptions/{ID}", person=PERSON)

    make_own_short(prescription)

    assert prescription == Prescription(name=f"prescriptions/{ID}", person=PERSON)


def test_a_write_keeps_the_fingerprint_that_it_had_before_names_came_full():
    before = AcceptReferralRequest(name=f"referrals/{ID}")
    now = AcceptReferralRequest(name=f"//routing.lientuyen/referrals/{ID}", request_id=ID)

    assert before.SerializeToString(deterministic=True) in _bodies(now)


def test_a_page_token_of_before_opens_for_the_full_name():
    before = ListConsentsRequest(parent=f"persons/{ID}")

    bound = associated_data(ListConsentsRequest(parent=PERSON))

    assert bound.endswith(before.SerializeToString(deterministic=True))
