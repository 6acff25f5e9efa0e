"""The signatures on slips: recognised wherever they stand, each over the slip as it was when it was made."""

import pytest

from kcb.signing_certificates import is_signed_by
from kcb.slip_signatures import MAX_SIGNATURES, read_slip
from kcb.validate import validate
from kcb.xml_signature import Signature, SignatureFault
from tests.samples.files import sample
from tests.samples.signed_slips import signed_slip, slip, with_slip
from tests.samples.signing import NOW, public

DOCTOR, FACILITY = public(kind="ecdsa"), public(kind="ecdsa")
SLIP = slip(sample())


def faults(xml: bytes) -> list[str]:
    return [each.cause for each in read_slip(xml).signatures if isinstance(each, SignatureFault)]


@pytest.mark.parametrize("before", [False, True], ids=["behind", "before"])
@pytest.mark.parametrize("place", ["DU_PHONG", ""], ids=["du-phong", "root"])
def test_the_doctors_and_then_the_facilitys_signature_hold(place: str, before: bool):
    found = read_slip(signed_slip(SLIP, DOCTOR, FACILITY, place=place, before=before))

    assert faults(signed_slip(SLIP, DOCTOR, FACILITY, place=place, before=before)) == []
    assert sorted(
        "doctor" if is_signed_by(each, DOCTOR.certificate) else "facility"
        for each in found.signatures
        if isinstance(each, Signature)
        and (is_signed_by(each, DOCTOR.certificate) or is_signed_by(each, FACILITY.certificate))
    ) == ["doctor", "facility"]


def test_a_slip_that_was_changed_after_the_doctor_signed_is_seen():
    changed = signed_slip(SLIP, DOCTOR).replace(b"<MA_LYDO_CT>", b"<MA_LYDO_CT> ", 1)

    assert faults(changed) == ["altered"]
    assert faults(signed_slip(changed, FACILITY)) == ["altered"]


@pytest.mark.parametrize("place", ["DU_PHONG", ""])
def test_a_signed_slip_is_read_as_if_it_were_not(place: str):
    file = sample()
    unsigned = validate(with_slip(file, SLIP), now=NOW)
    signed = validate(with_slip(file, signed_slip(SLIP, DOCTOR, FACILITY, place=place)), now=NOW)

    assert [(each.rule, each.path) for each in signed.findings] == [
        (each.rule, each.path) for each in unsigned.findings
    ]
    assert signed.rows("XML13")[0].values == unsigned.rows("XML13")[0].values
    assert len(signed.sheets["XML13"].signatures) == 2
    assert signed.sheets["XML13"].xml == signed_slip_as_sent(signed.sheets["XML13"].xml)


def signed_slip_as_sent(xml: bytes) -> bytes:
    """The slip goes on as it was written, its signatures included."""
    assert xml.count(b"SignatureValue>") == 4
    return xml


def test_a_heap_of_signatures_is_none():
    heap = signed_slip(SLIP, *[DOCTOR] * (MAX_SIGNATURES + 1))

    assert faults(heap) == ["unreadable"]
    assert b"Signature" not in read_slip(heap).xml


def test_what_is_no_xml_is_left_to_the_reader_of_the_table():
    broken = SLIP[:-5] + b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#">'

    assert read_slip(broken).xml == broken
