"""
What doctors and patients read, in a store of ten results for each person stored.

The histories are made inside PostgreSQL, as `filling` makes people: of each person two encounters of five
results; of the first eighty five years, an encounter every nine weeks with twenty results each.
"""

import asyncio
import uuid
from typing import TYPE_CHECKING

from lientuyen.identity.v1 import consent_pb2
from lientuyen.identity.v1 import consent_service_pb2 as consents
from lientuyen.records.v1 import health_book_service_pb2 as books
from lientuyen.records.v1.health_book_service_pb2_grpc import HealthBookServiceStub
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen_client.demo import people as demo

from . import people
from .calling import TIMEOUT_S, Caller
from .invented import person_id
from .loads import bench, need
from .site import Site

if TYPE_CHECKING:
    from lientuyen.records.v1.health_book_service_pb2_grpc import HealthBookServiceAsyncStub

# Persons whose histories are there: 10⁵ and 10⁶ results.
SIZES = (10_000, 100_000)

# Persons with five years of history, all of them grown up, and how much of it.
LONG, LONG_ENCOUNTERS, LONG_RESULTS = 80, 30, 20
ENCOUNTERS, RESULTS = 2, 5

# Different tests of a history: each is done anew at every second encounter, of which the first is of today
# or yesterday, so that it is within the period of its kind (14 days).
TESTS = 2 * LONG_RESULTS

# Seconds that filling may take: ten times what a million results do.
FILL_TIMEOUT_S = 900

READER = f"facility/{demo.PROVINCIAL}"
CITIZEN = "authority/vneid"
OWN_VIEW = AccessContext(
    practitioner="VNeID",
    purpose=AccessContext.PURPOSE_PATIENT_REQUEST,
    legal_basis=AccessContext.LEGAL_BASIS_DATA_SUBJECT,
)

# Encounters of the persons $1 to $2, each with its time.
VISITS = f"""
    (SELECT n, visit, md5('visit ' || n || ' ' || visit)::uuid AS dossier,
        now() - make_interval(weeks => visit * 9 - 9, mins => (n % 1000)::integer + 60) AS at
     FROM generate_series($1::bigint, $2::bigint) AS n,
        generate_series(1, CASE WHEN n < {LONG} THEN {LONG_ENCOUNTERS} ELSE {ENCOUNTERS} END) AS visit
    ) AS visits
"""
SOURCE = "md5('person ' || n)::uuid, dossier, '01999', 0"
FILL = {
    "encounters": f"""
        INSERT INTO encounters (person, dossier, facility, classes,
            form_of_care, arrival_time, discharge_time, reason, admission_diagnosis, discharge_diagnosis,
            treatment, outcome, discharge_type, note)
        SELECT {SOURCE}, '01', at, at + interval '2 hours', 'Mệt', 'Theo dõi đái tháo đường',
            'Đái tháo đường týp 2', 'Thuốc uống', '1', '1', ''
        FROM {VISITS}""",
    "diagnoses": f"""
        INSERT INTO diagnoses (person, dossier, facility, classes, position, code, main)
        SELECT {SOURCE}, 0, 'E11.9', true FROM {VISITS}""",
    "results": f"""
        INSERT INTO results (person, dossier, facility, classes,
            row_number, id, service_code, service_name, indicator_code, indicator_name,
            value, unit, description, conclusion, perform_time, result_time, given_time)
        SELECT {SOURCE}, row, gen_random_uuid(),
            '23.' || lpad((visit * {LONG_RESULTS} % {TESTS} + row)::text, 4, '0'), 'Xét nghiệm mẫu',
            'CS' || row, 'Chỉ số', '5.6', 'mmol/L', '', '',
            at + interval '10 minutes', at + interval '1 hour', at + interval '1 hour'
        FROM {VISITS},
            generate_series(1, CASE WHEN n < {LONG} THEN {LONG_RESULTS} ELSE {RESULTS} END) AS row""",
}


async def kept(site: Site) -> None:
    """Fill records with the histories of everybody whom identity knows; those that are there stay."""
    async with asyncio.timeout(FILL_TIMEOUT_S), site.connection("records") as connection:
        known = await connection.fetchval("SELECT count(DISTINCT person) FROM encounters")
        if known < site.persons:
            async with connection.transaction():
                await connection.execute("SET LOCAL synchronous_commit = off")
                await connection.execute("SET LOCAL statement_timeout = 0")
                for statement in FILL.values():
                    await connection.execute(statement, known, site.persons - 1)
            for table in FILL:
                await connection.execute(f"VACUUM (ANALYZE) {table}")
            await connection.execute("CHECKPOINT")


async def consented(site: Site) -> None:
    """Let those with a long history allow the reader what is not restricted."""
    consent = consent_pb2.Consent(
        facility=f"facilities/{demo.PROVINCIAL}",
        purpose=AccessContext.PURPOSE_TREATMENT,
        data_classes=[consent_pb2.DATA_CLASS_CARE],
        proof=consent_pb2.ConsentProof(kind=consent_pb2.ConsentProof.KIND_PAPER, reference="BENCH-0001"),
    )
    async with site.client(READER) as reader:
        for number in range(min(LONG, site.persons)):
            request = consents.CreateConsentRequest(
                request_id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"consent {number}")),
                parent=f"persons/{person_id(number)}",
                consent=consent,
            )
            await reader.consents.CreateConsent(request)


NEEDS = (people.registered, people.stored, kept)


@bench(stores=["select", "insert"], needs=NEEDS, sized=True, sizes=SIZES)
async def list_results(caller: Caller) -> None:
    """ListResults, a page of 20, of any of {persons:,} persons, by the citizen; an audit row each."""
    reply = await _book(caller, CITIZEN).ListResults(
        books.ListResultsRequest(
            person=_name(caller.random.randrange(caller.job.persons)), page_size=20, access=OWN_VIEW
        ),
        timeout=TIMEOUT_S,
    )
    need(len(reply.results) >= ENCOUNTERS * RESULTS, "the results must be there")


@bench(stores=["select", "insert"], needs=NEEDS, sized=True, sizes=SIZES)
async def get_health_book(caller: Caller) -> None:
    """GetHealthBook of five years, the latest 20 encounters, by the citizen; {persons:,} persons stored."""
    await _read_book(caller)


@bench(stores=["select", "insert"], needs=NEEDS, sized=True, sizes=SIZES)
async def get_patient_summary(caller: Caller) -> None:
    """GetPatientSummary of five years, a FHIR document, by the citizen; {persons:,} persons stored."""
    reply = await _book(caller, CITIZEN).GetPatientSummary(
        books.GetPatientSummaryRequest(person=_long(caller), access=OWN_VIEW), timeout=TIMEOUT_S
    )
    need(not reply.unreachable, "every service must answer")
    need(reply.document.count(b'"resourceType":"Observation"') == TESTS, "every test must be there once")


@bench(stores=["select", "insert"], needs=(*NEEDS, consented), sized=True, sizes=SIZES)
async def find_reusable_results(caller: Caller) -> None:
    """FindReusableResults, 5 orders among five years, by another hospital; {persons:,} persons stored."""
    await _find_reusable(caller)


@bench(needs=NEEDS, rate=100, beside=["echo_100"], sized=True, sizes=SIZES)
async def get_health_book_100(caller: Caller) -> None:
    """GetHealthBook of five years at 100 a second; {persons:,} persons stored; timed from when it was due."""
    await _read_book(caller)


@bench(needs=(*NEEDS, consented), rate=100, beside=["echo_100"], sized=True, sizes=SIZES)
async def find_reusable_results_100(caller: Caller) -> None:
    """FindReusableResults at 100 a second; {persons:,} persons stored; timed from when it was due."""
    await _find_reusable(caller)


async def _read_book(caller: Caller) -> None:
    reply = await _book(caller, CITIZEN).GetHealthBook(
        books.GetHealthBookRequest(person=_long(caller), encounter_limit=20, access=OWN_VIEW),
        timeout=TIMEOUT_S,
    )
    need(not reply.unreachable, "every service must answer")
    need(len(reply.health_book.encounters) == 20, "twenty encounters must be there")


async def _find_reusable(caller: Caller) -> None:
    first = LONG_RESULTS + caller.random.randrange(LONG_RESULTS - 4)
    orders = [books.OrderedTest(service_code=f"23.{first + number:04}") for number in range(1, 6)]
    reply = await _book(caller, READER).FindReusableResults(
        books.FindReusableResultsRequest(person=_long(caller), orders=orders, access=people.TREATMENT),
        timeout=TIMEOUT_S,
    )
    need(not reply.own_records_only, f"the consent must count: {reply.denial}")
    need(len(reply.answers) == len(orders), "each order must have its answer")
    need(all(answer.reusable for answer in reply.answers), "each order must have a result that may be reused")


def _long(caller: Caller) -> str:
    return _name(caller.random.randrange(min(LONG, caller.job.persons)))


def _name(number: int) -> str:
    return f"//identity.lientuyen/persons/{person_id(number)}"


def _book(caller: Caller, identity: str) -> "HealthBookServiceAsyncStub":
    stub: HealthBookServiceAsyncStub = caller.stub(HealthBookServiceStub, "records", identity)
    return stub
