"""Planted names and numbers: no log, span, metric, error, access log, outbox nor PostgreSQL log has them."""

import json
from typing import Any
from uuid import uuid4

import grpc
import pytest
from sqlalchemy import text

from chassis.sql import sql
from laptop.postgres_cluster import Cluster
from lientuyen.chassis.v1.outcome_service_pb2 import GetOutcomeRequest
from lientuyen.chassis.v1.outcome_service_pb2_grpc import OutcomeServiceStub
from lientuyen.identity.v1 import consent_service_pb2, person_service_pb2
from lientuyen.records.v1 import dossier_service_pb2 as dossiers
from lientuyen.records.v1 import health_book_service_pb2 as books
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen.type.v1.date_pb2 import Date
from services.identity.matching.model.weights import Description
from tests.harness import Running, World
from tests.metrics import Observed
from tests.samples import files
from tests.samples.files import sample

from .identity_env import Identity, key
from .records_env import CARE, CITIZEN, Records

NAME, NUMBER, CARD = "Hoàng Thị Cấy", "001485000016", "DN4010000000077"
PLANTED = (NAME, NUMBER, CARD, "HOÀNG THỊ CẤY")
GROUND = AccessContext(
    practitioner="000001/HNO-GPHN",
    purpose=AccessContext.PURPOSE_TREATMENT,
    legal_basis=AccessContext.LEGAL_BASIS_CONSENT,
    reason=f"người bệnh số {NUMBER}, thẻ {CARD}",
)


async def heard(call: Any) -> str:
    """Return all that a caller is told when it is refused; an answer may hold what it asked for."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return f"{error.details()} {error.trailing_metadata()} {error.debug_error_string()}"
    return ""


async def kept(running: Running, *tables: str) -> str:
    """Return all rows of *tables*, as text."""
    found = []
    async with running.db.connection() as tx:
        for table in tables:
            rows = await tx.fetch(sql(text(f"SELECT row_to_json(t)::text AS row FROM {table} t")))
            found += [row["row"] for row in rows]
    return "\n".join(found)


def clean(said: str) -> None:
    for secret in PLANTED:
        assert secret not in said
        assert secret.encode().hex() not in said


async def test_identity_repeats_no_name_and_no_number(
    world: World, cluster: Cluster, observed: Observed, capfd: pytest.CaptureFixture[str]
):
    identity = await Identity(world).start()
    person = await identity.person(full_name=NAME, personal_id=NUMBER)
    stub, stranger = identity.persons(), identity.persons("facility/79999")
    outcomes = identity.stub(OutcomeServiceStub, "operator/an")
    find = person_service_pb2.FindPersonRequest
    wrong = [
        stub.FindPerson(find(personal_id=NUMBER, access=GROUND)),
        stub.FindPerson(find(personal_id=f"{NUMBER} {NAME}", access=GROUND)),
        stub.FindPerson(find(card_number=CARD, access=GROUND)),
        stub.FindPerson(find(card_qr=f"{NUMBER}|{NAME}|{CARD}", access=GROUND)),
        stub.GetPerson(person_service_pb2.GetPersonRequest(name=f"persons/{NUMBER}{NAME}", access=GROUND)),
        stranger.RegisterPerson(
            person_service_pb2.RegisterPersonRequest(
                request_id=key(),
                facility="facilities/01999",
                kind=person_service_pb2.RegisterPersonRequest.KIND_FOREIGNER,
                full_name=NAME,
                birth_date=Date(year=1985, month=2, day=31),
                passport_number=NUMBER,
                access=GROUND,
            )
        ),
        identity.consents().WithdrawConsent(
            consent_service_pb2.WithdrawConsentRequest(
                request_id=key(), name=f"{person.name}/consents/{uuid4()}", reason=NAME
            )
        ),
        outcomes.GetOutcome(GetOutcomeRequest(request_id=NUMBER, caller=f"facility/{NAME}")),
        outcomes.GetOutcome(GetOutcomeRequest(request_id=key(), caller=NUMBER)),
    ]
    said = [await heard(call) for call in wrong]
    told = "\n".join([*said, *capfd.readouterr(), log_of(cluster), picture(observed)])

    clean(told)
    clean(await kept(identity.running, "audit", "outbox", "replies"))


async def test_records_repeats_no_name_no_number_and_no_diagnosis(
    world: World, cluster: Cluster, observed: Observed, capfd: pytest.CaptureFixture[str]
):
    records = await Records(world).start()
    planted = sample().set("XML1", 1, "HO_TEN", NAME).set("XML1", 1, "SO_CCCD", NUMBER)
    planted.set("XML1", 1, "MA_THE_BHYT", CARD)
    bad = sample().set("XML1", 1, "GIOI_TINH", NAME).set("XML1", 1, "NGAY_SINH", NUMBER)
    bad.set("XML1", 1, "MA_BENH_CHINH", f"{NAME}{NUMBER}").set("XML1", 1, "MA_THE_BHYT", CARD + NUMBER)
    told = []
    for content in (planted.bytes(), bad.bytes(), planted.bytes()[:-900], NAME.encode(), b"\xff" + b"<a/>"):
        told.append(await heard(records.submit(content)))
        told.append(await heard(records.submit(content, "facility/79999")))
        checked = dossiers.SubmitCheckInRequest(request_id=str(uuid4()), content=content)
        told.append(await heard(records.dossiers().SubmitCheckIn(checked)))
    stream = iter([dossiers.SubmitDossiersRequest(request_id=str(uuid4()), content=bad.bytes())])
    assert [answer async for answer in records.dossiers().SubmitDossiers(stream)]
    await records.submit(files.DOSSIER)
    await heard(
        records.dossiers().GetDossier(dossiers.GetDossierRequest(name=f"dossiers/{NUMBER}", access=CARE))
    )
    told += [*capfd.readouterr(), log_of(cluster), picture(observed)]

    clean("\n".join(told))
    clean(await kept(records.running, "audit", "outbox", "replies", "dossiers"))


async def test_a_summary_that_names_the_person_leaves_the_name_nowhere_else(
    world: World, cluster: Cluster, observed: Observed, capfd: pytest.CaptureFixture[str]
):
    records = await Records(world).start()
    person = records.identity.add_person(NUMBER, CARD, described=Description(full_name=NAME))
    summary = books.GetPatientSummaryRequest(person=person, access=CITIZEN)

    reply = await records.books("authority/vneid").GetPatientSummary(summary)
    refusal = await heard(records.books("facility/79999").GetPatientSummary(summary))

    assert NAME in reply.document.decode()
    clean("\n".join([refusal, *capfd.readouterr(), log_of(cluster), picture(observed)]))
    clean(await records.everything_stored())


def log_of(cluster: Cluster) -> str:
    """Return what PostgreSQL has logged in the session."""
    return cluster.log_path.read_text(errors="replace")


def picture(observed: Observed) -> str:
    """Return the spans with all that they carry, and the metrics, in letters as they are."""
    spans, metrics = observed.exporter.get_finished_spans(), observed.reader.get_metrics_data()
    assert spans
    assert metrics
    written = [*(span.to_json() for span in spans), metrics.to_json()]
    return "\n".join(json.dumps(json.loads(text), ensure_ascii=False) for text in written)
