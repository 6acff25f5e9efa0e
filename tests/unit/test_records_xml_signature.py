"""The facility's signature: what holds, and every way in which it does not."""

import base64

import pytest
from lxml import etree

from services.records.model.xml_signature import DS, SignatureFault, Signer, verify
from tests.samples import files
from tests.samples.signing import NOW, authority, facility, signed

CA = authority()
SIGNER = facility(CA, "01999")
SIGNED = signed(files.DOSSIER, SIGNER)
DOMAIN = "lientuyen.test"


def cause(content: bytes, authorities: bytes = CA.pem) -> str:
    with pytest.raises(SignatureFault) as fault:
        verify(content, authorities, DOMAIN, NOW)
    return fault.value.cause


def test_a_signed_file_tells_who_signed_it():
    assert verify(SIGNED, CA.pem, DOMAIN, NOW) == Signer("01999", vouched=True)


def test_a_signed_check_in_tells_who_signed_it():
    assert verify(signed(files.CHECK_IN, SIGNER), CA.pem, DOMAIN, NOW).facility == "01999"


def test_without_an_authority_nobody_vouches():
    assert verify(SIGNED, b"", DOMAIN, NOW) == Signer("01999", vouched=False)


def test_a_changed_byte_is_seen():
    assert cause(SIGNED.replace(b"<NGAYLAP>20261120", b"<NGAYLAP>20261121")) == "digest"


def test_another_authority_an_old_certificate_and_another_domain_do_not_count():
    stranger = facility(authority(), "01999")
    old = facility(CA, "01999", days=-1)
    elsewhere = facility(CA, "01999", domain="other.test")

    assert cause(signed(files.DOSSIER, stranger)) == "authority"
    assert cause(signed(files.DOSSIER, old)) == "certificate-time"
    assert verify(signed(files.DOSSIER, elsewhere), CA.pem, DOMAIN, NOW).facility == ""


def test_a_facility_cannot_issue_certificates():
    issued = facility(SIGNER, "01999")

    assert cause(signed(files.DOSSIER, issued), CA.pem + SIGNER.pem) == "authority"


def test_a_wrapped_signature_is_refused():
    root = etree.fromstring(SIGNED)
    original = etree.fromstring(SIGNED)
    wrapper = etree.fromstring(files.DOSSIER)
    holder = wrapper.find("CHUKYDONVI")
    assert holder is not None
    moved = root.find(f".//{{{DS}}}Signature")
    assert moved is not None
    item = etree.SubElement(moved, f"{{{DS}}}Object")
    item.append(original)
    holder.append(moved)

    assert cause(etree.tostring(wrapper)) == "shape"


@pytest.mark.parametrize(
    "change",
    [
        lambda root: root.find(f".//{{{DS}}}Reference").set("URI", "#x"),
        lambda root: root.find(f".//{{{DS}}}Transform").set(
            "Algorithm", "http://www.w3.org/TR/1999/REC-xpath-19991116"
        ),
        lambda root: root.append(root.find(f".//{{{DS}}}Signature")),
        lambda root: root.find("CHUKYDONVI").append(etree.fromstring(f'<Signature xmlns="{DS}"/>')),
        lambda root: root.find("CHUKYDONVI").clear(),
    ],
)
def test_any_other_shape_is_refused(change):
    root = etree.fromstring(SIGNED)
    change(root)

    assert cause(etree.tostring(root)) == "shape"


def test_no_certificate_or_a_broken_one_is_refused():
    for text in ("", "AAAA", base64.b64encode(b"x" * 50).decode()):
        root = etree.fromstring(SIGNED)
        element = root.find(f".//{{{DS}}}X509Certificate")
        assert element is not None
        element.text = text
        assert cause(etree.tostring(root)) == "certificate"
