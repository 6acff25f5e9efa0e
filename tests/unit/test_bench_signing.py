"""A file that the bench signs without a parser is signed as the services want it."""

from pathlib import Path

import pytest

from bench.records import dossier
from bench.signing import make_certificate, read_signer
from chassis import clock
from kcb.signed_file import read_signed_file
from kcb.signing_certificates import SigningCertificate, check_signer
from kcb.xml_signature import SignatureFault


@pytest.fixture
def tls(tmp_path: Path) -> Path:
    folder = tmp_path / "facility-91000"
    folder.mkdir()
    make_certificate(folder, "91000")
    return tmp_path


def test_the_signature_holds_and_is_that_of_the_certificate(tls: Path):
    content = read_signer(tls, "91000").sign(dossier(100, 1, "mark", "91000"))

    file = read_signed_file(content)

    assert (file.facility, file.fault) == ("91000", None)
    assert file.signature is not None
    der = (tls / "facility-91000" / "signing.der").read_bytes()
    check_signer(file.signature, SigningCertificate("91000", der), clock.now())


def test_a_file_that_was_altered_after_is_told(tls: Path):
    content = read_signer(tls, "91000").sign(dossier(100, 1, "mark", "91000"))

    file = read_signed_file(content.replace(b"<SOLUONGHOSO>1<", b"<SOLUONGHOSO>2<"))

    assert isinstance(file.fault, SignatureFault)
    assert file.fault.cause == "altered"
