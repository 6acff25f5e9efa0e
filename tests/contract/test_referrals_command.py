"""`lientuyen referrals` and `lientuyen consultations`, as clerks and doctors of two hospitals type them."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from lientuyen.routing.v1 import consultation_service_pb2 as consulting
from lientuyen.routing.v1.consultation_pb2 import Consultation
from lientuyen.routing.v1.message_pb2 import Message
from tests.contract.records_env import NUMBER, PERSON_NAME
from tests.contract.referred_env import RECEIVING, SENDING, Stack, without_slips
from tests.contract.routing_env import ACCESS, DISTRICT, PROVINCE
from tests.harness import World
from tests.samples.signing import Signing, public

COMMAND = str(Path(sys.executable).with_name("lientuyen"))


@pytest.fixture
async def stack(world: World) -> Stack:
    stack = await Stack(world).start()
    await stack.records.submit(without_slips().bytes())
    return stack


async def typed(stack: Stack, *arguments: str | Path, caller: str = RECEIVING) -> tuple[int, str, str]:
    """Run the command as *caller*; return its exit code and what it wrote to stdout and stderr."""
    where = {
        "LIENTUYEN_ROUTING": stack.routing.running.address,
        "LIENTUYEN_RECORDS": stack.records.running.address,
        "LIENTUYEN_IDENTITY": stack.identity_address,
        "LIENTUYEN_TLS": str(stack.records.world.pki.folder(caller).path),
    }
    process = await asyncio.create_subprocess_exec(
        *(COMMAND, *map(str, arguments), "--as", caller),
        env={**os.environ, **where},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    stdout, stderr = await process.communicate()
    assert process.returncode is not None
    return process.returncode, stdout.decode(), stderr.decode()


async def asked_for(stack: Stack) -> str:
    consultation = Consultation(
        person=PERSON_NAME,
        requester=DISTRICT,
        consultant=PROVINCE,
        practitioner="000123/HNO-GPHN",
        speciality="Thần kinh",
    )
    request = consulting.RequestConsultationRequest(
        request_id=str(uuid4()),
        consultation=consultation,
        question=b"%PDF-1.7",
        question_media_type="application/pdf",
        access=ACCESS,
    )
    return (await stack.routing.consultations(SENDING).RequestConsultation(request)).consultation.name


def doctor_of(stack: Stack, folder: Path) -> Signing:
    """Register a doctor of the province's hospital, whose key and certificate are in *folder*."""
    doctor = public("BS. MẪU", kind="ecdsa")
    practitioner = f"//identity.lientuyen/practitioners/{uuid4()}"
    stack.identity.add_certificate("79999", doctor.der, practitioner=practitioner)
    pem = doctor.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "doctor.key").write_bytes(pem)
    (folder / "doctor.crt").write_bytes(doctor.pem)
    return doctor


async def test_a_clerk_takes_a_patient_reads_the_summary_and_answers_who_referred(
    stack: Stack, tmp_path: Path
):
    name = await stack.refer(slip_number="TEST-1", practitioner="000123/HNO-GPHN")
    await stack.deliver()
    (tmp_path / "ra-vien.xml").write_bytes(b"<GIAY_RA_VIEN/>")

    _, listed, _ = await typed(stack, "referrals", "list")
    got, screen, _ = await typed(stack, "referrals", "get", name, "--summary", tmp_path / "summary.json")
    await typed(stack, "referrals", "accept", name)
    used, _, _ = await typed(stack, "referrals", "use", name, "--encounter", "MALK-1")
    second, _, why = await typed(stack, "referrals", "use", name, "--encounter", "MALK-2")
    outcome = (
        "--result",
        "2",
        "--discharge",
        "1",
        "--diagnosis",
        "I21.9",
        "--summary",
        "Tái khám sau 1 tháng.",
    )
    done, _, _ = await typed(
        stack, "referrals", "complete", name, *outcome, "--report", tmp_path / "ra-vien.xml"
    )
    _, told, _ = await typed(stack, "referrals", "get", name, caller=SENDING)
    _, [line], _ = await typed_json(stack, "referrals", "list", caller=SENDING)

    assert (got, used, second, done) == (0, 0, 1, 0)
    assert "01999 → 79999" in listed
    assert "đã giao" in screen
    assert "người chuyển: 000123/HNO-GPHN" in screen
    document = json.loads((tmp_path / "summary.json").read_bytes())
    assert (document["resourceType"], document["type"]) == ("Bundle", "document")
    assert (tmp_path / "summary.json").stat().st_mode & 0o077 == 0
    assert "phiếu chuyển chỉ dùng một lần" in why
    for words in ("hoàn thành", "kết quả: đỡ", "ra viện: ra viện", "phản hồi: Tái khám sau 1 tháng."):
        assert words in told
    assert (line["state"], line["outcome"]["diagnosis"]["code"]) == ("STATE_COMPLETED", "I21.9")
    async with stack.routing.receiving(SENDING) as inbox:
        bodies = [(await inbox.next()).body for _ in range(3)]
    assert b"<GIAY_RA_VIEN/>" in bodies


async def typed_json(
    stack: Stack, *arguments: str | Path, caller: str
) -> tuple[int, list[dict[str, Any]], str]:
    code, lines, errors = await typed(stack, *arguments, "--json", caller=caller)
    return code, [json.loads(line) for line in lines.splitlines()], errors


async def test_a_clerk_declines_with_a_reason_and_the_sender_reads_it(stack: Stack):
    name = await stack.refer()
    await stack.deliver()

    missing, _, _ = await typed(stack, "referrals", "decline", name)
    code, _, _ = await typed(stack, "referrals", "decline", name, "--reason", "hết giường")
    _, told, _ = await typed(stack, "referrals", "get", name, caller=SENDING)

    assert (missing, code) == (2, 0)
    assert "từ chối" in told
    assert "ghi chú: hết giường" in told


async def test_a_doctor_takes_a_consultation_and_signs_the_opinion(stack: Stack, tmp_path: Path):
    name = await asked_for(stack)
    doctor_of(stack, tmp_path)
    (tmp_path / "y-kien.txt").write_text("Chụp lại sau 6 giờ.", encoding="utf8")
    signing = ("--key", tmp_path / "doctor.key", "--certificate", tmp_path / "doctor.crt")

    _, waiting, _ = await typed(stack, "consultations", "list")
    taken, _, _ = await typed(stack, "consultations", "take", name, "--practitioner", "000456/HCM-GPHN")
    answered, screen, errors = await typed(
        stack, "consultations", "answer", name, tmp_path / "y-kien.txt", *signing
    )
    _, told, _ = await typed(stack, "consultations", "get", name, caller=SENDING)
    fetched, _, _ = await typed(
        stack, "consultations", "opinion", name, "-o", tmp_path / "fetched.txt", caller=SENDING
    )
    async with stack.routing.receiving(SENDING) as inbox:
        # The system's word and the consultant's are two lines.
        deliveries = sorted(await inbox.take(2), key=lambda each: each.message.kind)

    assert "chờ nhận" in waiting
    assert "chuyên khoa: Thần kinh" in waiting
    assert (taken, answered, errors) == (0, 0, "")
    assert "đã trả lời" in screen
    assert fetched == 0
    assert (tmp_path / "fetched.txt").read_text(encoding="utf8") == "Chụp lại sau 6 giờ."
    assert "người ký: //identity.lientuyen/practitioners/" in told
    assert deliveries[1].message.kind == Message.KIND_CONSULTATION
    assert deliveries[1].body.decode() == "Chụp lại sau 6 giờ."


async def test_what_is_no_key_or_no_registered_certificate_is_told(stack: Stack, tmp_path: Path):
    name = await asked_for(stack)
    doctor = doctor_of(stack, tmp_path)
    stranger = public("BS. LẠ", kind="ecdsa")
    (tmp_path / "other.crt").write_bytes(stranger.pem)
    (tmp_path / "other.key").write_bytes(
        stranger.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    (tmp_path / "y-kien.txt").write_text("x", encoding="utf8")
    await typed(stack, "consultations", "take", name, "--practitioner", "000456/HCM-GPHN")

    async def tried(key: str, certificate: str) -> tuple[int, str, str]:
        files = (tmp_path / "y-kien.txt", "--key", tmp_path / key, "--certificate", tmp_path / certificate)
        return await typed(stack, "consultations", "answer", name, *files)

    no_key = await tried("y-kien.txt", "doctor.crt")
    no_certificate = await tried("doctor.key", "y-kien.txt")
    unregistered = await tried("other.key", "other.crt")
    declined, _, _ = await typed(stack, "consultations", "decline", name, "--reason", "không có chuyên khoa")

    assert doctor.der
    assert (no_key[0], no_certificate[0], unregistered[0], declined) == (2, 2, 1, 0)
    assert "Không phải khóa RSA hoặc ECDSA" in no_key[2]
    assert "chứng thư số" in no_certificate[2]
    assert "Chữ ký của ý kiến tư vấn không hợp lệ: unregistered" in unregistered[2]


async def test_an_opinion_that_was_changed_on_the_way_is_not_written(stack: Stack, tmp_path: Path):
    name = await asked_for(stack)
    doctor_of(stack, tmp_path)
    (tmp_path / "y-kien.txt").write_text("Chụp lại sau 6 giờ.", encoding="utf8")
    await typed(stack, "consultations", "take", name, "--practitioner", "000456/HCM-GPHN")
    early, _, _ = await typed(stack, "consultations", "opinion", name, "-o", tmp_path / "x", caller=SENDING)
    signing = ("--key", tmp_path / "doctor.key", "--certificate", tmp_path / "doctor.crt")
    await typed(stack, "consultations", "answer", name, tmp_path / "y-kien.txt", *signing)
    body = (await stack.routing.rows("SELECT opinion_body FROM consultations"))[0]["opinion_body"]
    await stack.routing.rows("UPDATE consultations SET opinion_body = $1", body[:-1] + bytes([body[-1] ^ 1]))

    code, _, why = await typed(stack, "consultations", "opinion", name, "-o", tmp_path / "x", caller=SENDING)

    assert (early, code) == (2, 2)
    assert "Chữ ký của ý kiến không hợp lệ" in why
    assert not (tmp_path / "x").exists()


async def test_a_doctor_asks_for_an_opinion_and_takes_the_question_back(stack: Stack, tmp_path: Path):
    (tmp_path / "hoi.pdf").write_bytes(b"%PDF-1.7")
    about = (NUMBER, "--to", "79999", "--question", tmp_path / "hoi.pdf", "--practitioner", "000123/HNO-GPHN")

    code, [asked], _ = await typed_json(stack, "consultations", "ask", *about, "--urgent", caller=SENDING)
    name = str(asked["name"])
    withdrawn, screen, _ = await typed(
        stack, "consultations", "withdraw", name, "--reason", "đã chuyển", caller=SENDING
    )

    assert (code, asked["state"], asked["urgent"]) == (0, "STATE_ASKED", True)
    assert withdrawn == 0
    assert "đã rút" in screen
