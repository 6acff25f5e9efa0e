"""
Every way a file can be bad, over a real channel: its own reason, its path where there is
one, and nothing left behind in any table, the outbox, the replies and the access log included.
"""

import base64
from collections.abc import Callable
from uuid import uuid4

import pytest
from grpc import StatusCode

from kcb.xml_parser import MAX_FILE_BYTES
from lientuyen.chassis.v1 import error_reasons as chassis_reasons
from lientuyen.records.v1 import dossier_service_pb2 as pb
from lientuyen.records.v1 import error_reasons as reasons
from tests.harness import World, refused
from tests.samples import files
from tests.samples.files import check_in, sample

from .records_env import Records, submission

HOSO = "GIAMDINHHS.THONGTINHOSO.DANHSACHHOSO.HOSO[1]"
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><GIAMDINHHS>&c;</GIAMDINHHS>'
)
EXTERNAL = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><GIAMDINHHS>&a;</GIAMDINHHS>'
TOO_LARGE = b" " * (MAX_FILE_BYTES + 1)
NOWHERE = "001485999999"

# A day that the calendar has and no instant does.
YEAR_ONE = f"{1:04}01010000"


def with_body(code: str, body: str) -> bytes:
    file = sample()
    return file.bytes("".join(file.file(each, body if each == code else None) for each in file.tables))


def with_inner(code: str, content: bytes) -> bytes:
    return with_body(code, base64.b64encode(content).decode())


# What a dossier can be refused for, and where.
DOSSIERS: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "not XML": (lambda: b"hello", "not-xml", "GIAMDINHHS"),
    "cut off": (lambda: files.DOSSIER[:-40], "not-xml", "GIAMDINHHS"),
    "another encoding": (lambda: files.DOSSIER.decode().encode("utf-16"), "encoding", "GIAMDINHHS"),
    "a bomb": (lambda: BOMB, "doctype", "GIAMDINHHS"),
    "an external entity": (lambda: EXTERNAL, "doctype", "GIAMDINHHS"),
    "a bomb inside": (lambda: with_inner("XML2", BOMB), "doctype", "XML2"),
    "too large": (lambda: TOO_LARGE, "too-large", "GIAMDINHHS"),
    "too many elements": (
        lambda: b"<GIAMDINHHS>" + b"<a/>" * 2_000_000 + b"</GIAMDINHHS>",
        "too-many",
        "GIAMDINHHS",
    ),
    "another root": (lambda: b"<HOSO/>", "root", "GIAMDINHHS"),
    "a check-in": (lambda: files.CHECK_IN, "root", "GIAMDINHHS"),
    "wrong base64": (lambda: with_body("XML2", "@@@@"), "base64", f"{HOSO}.FILEHOSO[2].NOIDUNGFILE"),
    "an unknown table": (
        lambda: sample().bytes().replace(b"<LOAIHOSO>XML3<", b"<LOAIHOSO>XML99<"),
        "table-unknown",
        f"{HOSO}.FILEHOSO[3].LOAIHOSO",
    ),
    "two lists of facilities": (
        lambda: sample().bytes().replace(b"</MACSKCB>", b"</MACSKCB><MACSKCB>79999</MACSKCB>"),
        "element-twice",
        "GIAMDINHHS.THONGTINDONVI.MACSKCB",
    ),
    "a missing field": (
        lambda: sample().drop("XML3", 2, "NGAY_YL").bytes(),
        "element-missing",
        "XML3[2].NGAY_YL",
    ),
    "an empty field": (lambda: sample().set("XML1", 1, "MA_BN", "").bytes(), "required", "XML1.MA_BN"),
    "no such day": (
        lambda: sample().set("XML1", 1, "NGAY_VAO", YEAR_ONE).bytes(),
        "date-format",
        "XML1.NGAY_VAO",
    ),
    "a card out of date": (
        lambda: sample().set("XML1", 1, "GT_THE_DEN", "20261119").bytes(),
        "card-ended",
        "XML1.GT_THE_DEN",
    ),
    "a person nobody knows": (
        lambda: sample().set("XML1", 1, "SO_CCCD", NOWHERE).bytes(),
        "person-unknown",
        "XML1.SO_CCCD",
    ),
    "nobody's number": (
        lambda: (
            sample().set("XML1", 1, "SO_CCCD", "").set("XML1", 1, "MA_THE_BHYT", "DN4019999999999").bytes()
        ),
        "person-unknown",
        "XML1.MA_THE_BHYT",
    ),
}

CHECK_INS: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "not XML": (lambda: b"hello", "not-xml", "CHI_TIEU_TRANG_THAI_KCB"),
    "a bomb": (lambda: BOMB, "doctype", "CHI_TIEU_TRANG_THAI_KCB"),
    "too large": (lambda: TOO_LARGE, "too-large", "CHI_TIEU_TRANG_THAI_KCB"),
    "a dossier": (lambda: files.DOSSIER, "root", "CHI_TIEU_TRANG_THAI_KCB"),
    "no rows": (
        lambda: b"<CHI_TIEU_TRANG_THAI_KCB><DSACH_TRANG_THAI_KCB/></CHI_TIEU_TRANG_THAI_KCB>",
        "rows-missing",
        "XML0",
    ),
    "a missing field": (lambda: check_in(2, NGAY_YL=""), "required", "XML0[2].NGAY_YL"),
    "no such day": (lambda: check_in(1, NGAY_VAO=YEAR_ONE), "date-format", "XML0[1].NGAY_VAO"),
    "a card out of date": (lambda: check_in(1, GT_THE_DEN="20251231"), "card-ended", "XML0[1].GT_THE_DEN"),
    "two facilities": (lambda: check_in(3, MA_CSKCB="79999"), "one-facility", "XML0[3].MA_CSKCB"),
    "a person nobody knows": (lambda: check_in(2, SO_CCCD=NOWHERE), "person-unknown", "XML0[2].SO_CCCD"),
}


@pytest.fixture
async def records(world: World) -> Records:
    return await Records(world).start()


async def test_every_bad_dossier_has_its_own_reason_and_path_and_leaves_nothing_behind(records: Records):
    before = await records.counts()
    for name, (content, rule, path) in DOSSIERS.items():
        refusal = await refused(records.submit(content()))

        assert (refusal.code, refusal.reason) == (
            StatusCode.INVALID_ARGUMENT,
            reasons.DOSSIER_REFUSED.name,
        ), name
        assert [(one.rule, one.field) for one in refusal.violations] == [(rule, path)], name
        assert NOWHERE not in str(refusal), name
        assert await records.counts() == before, name

    # Nothing was spoilt for the good one, and its first request is taken.
    assert (await records.submit(files.DOSSIER)).dossier.version == 1


async def test_every_bad_check_in_has_its_own_reason_and_path_and_leaves_nothing_behind(records: Records):
    before, stub = await records.counts(), records.dossiers()
    for name, (content, rule, path) in CHECK_INS.items():
        request = pb.SubmitCheckInRequest(request_id=str(uuid4()), content=content())
        refusal = await refused(stub.SubmitCheckIn(request))

        assert (refusal.code, refusal.reason) == (
            StatusCode.INVALID_ARGUMENT,
            reasons.DOSSIER_REFUSED.name,
        ), name
        assert [(one.rule, one.field) for one in refusal.violations] == [(rule, path)], name
        assert await records.counts() == before, name

    # The row that was good beside the bad one is as good alone.
    request = pb.SubmitCheckInRequest(request_id=str(uuid4()), content=check_in(1))
    assert len((await stub.SubmitCheckIn(request)).check_ins) == 1


async def test_validating_says_the_same_of_every_bad_file_and_keeps_nothing(records: Records):
    before, stub = await records.counts(), records.dossiers()
    inputs = {**{f"dossier: {k}": v for k, v in DOSSIERS.items()}, **CHECK_INS}
    for name, (content, rule, path) in inputs.items():
        if rule in ("root", "person-unknown") or path == "CHI_TIEU_TRANG_THAI_KCB":
            continue  # what a file must be, and who it is about, only the sending tells
        reply = await stub.ValidateDossier(pb.ValidateDossierRequest(content=content()))

        assert not reply.accepted, name
        refusals = [(one.rule, one.path) for one in reply.findings if one.severity == one.SEVERITY_REFUSE]
        assert refusals == [(rule, path)], name
    assert await records.counts() == before


async def test_another_facilitys_certificate_leaves_one_line_in_the_access_log_and_nothing_else(
    records: Records,
):
    before = await records.counts()
    stub = records.dossiers("facility/79999")

    for call in (
        stub.SubmitDossier(submission(files.DOSSIER)),
        stub.SubmitCheckIn(pb.SubmitCheckInRequest(request_id=str(uuid4()), content=files.CHECK_IN)),
    ):
        refusal = await refused(call)
        assert (refusal.code, refusal.reason) == (
            StatusCode.PERMISSION_DENIED,
            chassis_reasons.FACILITY_MISMATCH.name,
        )

    assert await records.counts() == {**before, "audit": before["audit"] + 2}
    assert "TRẦN" not in await records.everything_stored()


async def test_in_a_stream_each_bad_file_has_its_answer_and_the_good_one_is_kept(records: Records):
    bad = {str(uuid4()): entry for name, entry in DOSSIERS.items() if name != "too large"}
    good = str(uuid4())

    async def requests():
        for request_id, (content, _, _) in bad.items():
            yield pb.SubmitDossiersRequest(request_id=request_id, content=content())
        yield pb.SubmitDossiersRequest(request_id=good, content=files.DOSSIER)

    answers = {one.request_id: one async for one in records.dossiers().SubmitDossiers(requests())}

    assert answers[good].accepted.dossier.version == 1
    told = {key: [(one.rule, one.path) for one in answers[key].refusal.findings] for key in bad}
    assert told == {key: [(rule, path)] for key, (_, rule, path) in bad.items()}
    assert (await records.counts())["dossiers"] == 1


async def test_hundreds_of_faults_still_fit_the_answer(records: Records):
    before, file = await records.counts(), sample()
    row = file.tables["XML4"][0]
    file.tables["XML4"] = [[(n, "" if n == "TEN_CHI_SO" else v) for n, v in row] for _ in range(5000)]

    refusal = await refused(records.submit(file.bytes()))

    assert (refusal.code, refusal.reason) == (StatusCode.INVALID_ARGUMENT, reasons.DOSSIER_REFUSED.name)
    assert refusal.fields[0] == "XML4[1].TEN_CHI_SO"
    assert await records.counts() == before
