"""`lientuyen certificates`, as an operator and a hospital type it, beside identity."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from tests.contract.identity_env import Identity
from tests.harness import World
from tests.samples.signing import authority, public

COMMAND = str(Path(sys.executable).with_name("lientuyen"))
OURS = public(kind="ecdsa")


@pytest.fixture
async def identity(world: World) -> Identity:
    return await Identity(world).start()


async def certificates(
    identity: Identity, *arguments: str | Path, caller: str = "operator/an"
) -> tuple[int, list[dict[str, object]], str]:
    """Run the command as *caller*; return its exit code, its JSON lines and what it complained of."""
    where = {
        "LIENTUYEN_IDENTITY": identity.running.address,
        "LIENTUYEN_TLS": str(identity.world.pki.folder(caller).path),
    }
    process = await asyncio.create_subprocess_exec(
        *(COMMAND, "certificates", *map(str, arguments), "--json", "--as", caller),
        env={**os.environ, **where},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    stdout, stderr = await process.communicate()
    assert process.returncode is not None
    return process.returncode, [json.loads(line) for line in stdout.splitlines()], stderr.decode()


async def test_a_certificate_is_registered_listed_and_revoked(identity: Identity, tmp_path: Path):
    (tmp_path / "signing.crt").write_bytes(OURS.pem)
    here = ("--facility", "01999")

    code, [entry], _ = await certificates(identity, "register", tmp_path / "signing.crt", *here)
    again, [refusal], _ = await certificates(identity, "register", tmp_path / "signing.crt", *here)
    _, listed, _ = await certificates(identity, "list", *here, caller="facility/01999")
    name = str(entry["name"])
    _, [revoked], _ = await certificates(
        identity, "revoke", name, "--reason", "key-compromised", caller="facility/01999"
    )

    assert (code, again) == (0, 1)
    assert refusal["reason"] == "ERROR_REASON_SIGNING_CERTIFICATE_REGISTERED"
    assert [each["name"] for each in listed] == [name]
    assert (revoked["state"], revoked["revoke_reason"]) == (
        "STATE_REVOKED",
        "REVOKE_REASON_KEY_COMPROMISED",
    )


async def test_what_is_no_certificate_and_who_may_not_register_are_told(identity: Identity, tmp_path: Path):
    (tmp_path / "signing.crt").write_bytes(OURS.pem)
    (tmp_path / "two.pem").write_bytes(OURS.pem + authority().pem)
    (tmp_path / "none.der").write_bytes(b"none")
    here = ("--facility", "01999")
    outcomes = [
        await certificates(identity, "register", tmp_path / name, *here)
        for name in ("two.pem", "none.der", "missing.der")
    ]
    stranger = await certificates(
        identity, "register", tmp_path / "signing.crt", *here, caller="facility/01999"
    )

    assert [code for code, _, _ in outcomes] == [2, 2, 2]
    assert [line["reason"] for _, [line], _ in outcomes] == [
        "CERTIFICATES_UNREADABLE",
        "CERTIFICATES_UNREADABLE",
        "FILE_NOT_FOUND",
    ]
    assert stranger[0] == 1
