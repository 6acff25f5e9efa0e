"""The rules of the contract that no linter knows."""

import pytest
from google.protobuf.descriptor_pb2 import FieldDescriptorProto

from .contract import Method, field, files, methods, reaches, sentences

METHODS = methods()
LISTS = [method for method in METHODS if method.name.startswith(("List", "Search"))]
WRITES = [method for method in METHODS if not method.reads]


def test_the_contract_is_there():
    assert {method.owner for method in METHODS} == {"identity", "records", "routing", "pharmacy", "chassis"}
    assert len(METHODS) > 60


# A stream of messages, each of which has an id of its own on every node.
BY_THE_ID_OF_A_MESSAGE = {"NodeLinkService/Relay"}


@pytest.mark.parametrize(
    "method", [method for method in WRITES if method.path not in BY_THE_ID_OF_A_MESSAGE], ids=str
)
def test_every_write_carries_a_request_id(method: Method):
    assert reaches(method.request, "request_id"), f"{method} writes, but its request has no request_id"


@pytest.mark.parametrize("method", LISTS, ids=str)
def test_every_list_has_pages(method: Method):
    size, token = field(method.request, "page_size"), field(method.request, "page_token")
    following = field(method.response, "next_page_token")

    assert size is not None
    assert size.type == FieldDescriptorProto.TYPE_INT32
    assert token is not None
    assert following is not None


@pytest.mark.parametrize("method", METHODS, ids=str)
def test_every_method_has_a_request_and_a_response_of_its_own(method: Method):
    assert method.request.name == f"{method.name}Request"
    assert method.response.name == f"{method.name}Response"


# Reads that give a person's data carry the reason why; these give none, or answer the services themselves.
NO_PERSONAL_DATA = {
    "FacilityService",
    "PractitionerService",
    "SigningCertificateService",
    "NodeService",
    "NodeLinkService",
    "NodeStatusService",
    "PlaceService",
    "DrugService",
    "LotService",
    "ReceiptService",
    "TransparencyService",
    "MailboxService",
    "OutcomeService",
    "AuditService",
    "OutboxService",
}
# Reads of a facility's own file or slip, of the permission itself, of a list for reviewers, or of mere names.
OWN_OR_REVIEW = {
    "ValidateDossier",
    "ValidateReferral",
    "ValidateAppointment",
    "ListEmergencyAccesses",
    "ListConsents",
    "ListReuseReports",
    "ResolvePerson",
}


@pytest.mark.parametrize(
    "method",
    [
        method
        for method in METHODS
        if method.reads and method.service not in NO_PERSONAL_DATA and method.name not in OWN_OR_REVIEW
    ],
    ids=str,
)
def test_every_read_of_a_persons_data_says_why(method: Method):
    assert reaches(method.request, "access"), f"{method} reads a person's data without an AccessContext"


def test_every_error_reason_has_its_two_sentences():
    silent = [
        f"{file.package}.{value.name}"
        for file in files()
        for enum in file.enum_type
        if enum.name == "ErrorReason"
        for value in enum.value[1:]
        if not (sentences(value).en and sentences(value).vi)
    ]

    assert silent == []


def test_a_service_never_imports_another_services_contract():
    wrong = [
        (file.name, name)
        for file in files()
        for name in file.dependency
        if name.startswith("lientuyen/") and name.split("/")[1] not in ("type", file.package.split(".")[1])
    ]

    assert wrong == []
