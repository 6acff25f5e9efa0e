"""Signatures made to deceive: each is refused with its word, before any of it is believed."""

import base64
import hashlib
import hmac
import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree

from kcb.signed_file import read_signed_file
from kcb.signing_certificates import SigningCertificate, check_signer, find_certificate
from kcb.xml_signature import DS, SignatureFault
from tests.samples import files
from tests.samples.signing import NOW, Signing, certificate_like, public, signed

OURS, STRANGER = public(), public()
SIGNED = signed(files.DOSSIER, OURS)
KNOWN = [SigningCertificate("01999", OURS.der), SigningCertificate("79999", STRANGER.der)]

Root = etree._Element


def word(content: bytes) -> str:
    """Return the word for why a file of 01999 is refused, or `good`."""
    file = read_signed_file(content)
    try:
        if file.fault is not None:
            raise file.fault
        if file.signature is None:
            return "signature-missing"
        check_signer(file.signature, find_certificate(file.signature, KNOWN, "01999"), NOW)
    except SignatureFault as fault:
        return fault.cause
    return "good"


def changed(change: Callable[[Root], object]) -> bytes:
    root = etree.fromstring(SIGNED)
    change(root)
    return bytes(etree.tostring(root))


def part(root: Root, name: str) -> Root:
    found = root.find(f".//{{{DS}}}{name}")
    assert found is not None
    return found


def signature_of(root: Root) -> Root:
    return part(root, "Signature")


def forged() -> Root:
    """The sample of another patient, which nobody signed."""
    return etree.fromstring(files.DOSSIER.replace(b"<NGAYLAP>20261120", b"<NGAYLAP>20261119"))


def put_original_into_object() -> bytes:
    root, moved = forged(), signature_of(etree.fromstring(SIGNED))
    item = etree.SubElement(moved, f"{{{DS}}}Object", Id="original")
    item.append(etree.fromstring(SIGNED))
    part(moved, "Reference").set("URI", "#original")
    holder = root.find("CHUKYDONVI")
    assert holder is not None
    holder.append(moved)
    return bytes(etree.tostring(root))


def put_original_beside() -> bytes:
    """The signed document whole, within a forged one: the signature is not in the forged one's place."""
    root = forged()
    root.append(etree.fromstring(SIGNED))
    return bytes(etree.tostring(root))


def put_signature_into_another_file() -> bytes:
    root = forged()
    holder = root.find("CHUKYDONVI")
    assert holder is not None
    holder.append(signature_of(etree.fromstring(SIGNED)))
    return bytes(etree.tostring(root))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (put_original_into_object, "wrapped"),
        (put_original_beside, "wrapped"),
        (put_signature_into_another_file, "altered"),
        (lambda: changed(lambda root: root.append(signature_of(root))), "wrapped"),
        (lambda: changed(lambda root: root.append(etree.fromstring("<CHUKYDONVI/>"))), "wrapped"),
        (
            lambda: changed(lambda root: root.insert(0, etree.fromstring("<CHUKYDONVI><x/></CHUKYDONVI>"))),
            "wrapped",
        ),
        (
            lambda: changed(
                lambda root: root.find("CHUKYDONVI").append(etree.fromstring(f'<S xmlns="{DS}"/>'))
            ),
            "wrapped",
        ),
        (lambda: changed(lambda root: part(root, "Reference").set("URI", "#x")), "wrapped"),
        (lambda: changed(lambda root: part(root, "Reference").set("URI", "http://localhost/x")), "wrapped"),
        (lambda: changed(lambda root: part(root, "Reference").set("URI", "#xpointer(/)")), "wrapped"),
        (lambda: changed(lambda root: part(root, "Reference").attrib.pop("URI")), "wrapped"),
    ],
)
def test_a_signature_of_something_else_than_the_file_is_refused(content: Callable[[], bytes], expected: str):
    assert word(content()) == expected


def add_transform(algorithm: str, inner: str = "") -> Callable[[Root], None]:
    def change(root: Root) -> None:
        part(root, "Transforms").append(
            etree.fromstring(f'<Transform xmlns="{DS}" Algorithm="{algorithm}">{inner}</Transform>')
        )

    return change


def set_first_transform(algorithm: str) -> Callable[[Root], None]:
    return lambda root: part(root, "Transform").set("Algorithm", algorithm)


XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
STYLESHEET = (
    '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
    '<xsl:template match="/"><xsl:copy-of select="document(\'file:///etc/passwd\')"/></xsl:template>'
    "</xsl:stylesheet>"
)


@pytest.mark.parametrize(
    "change",
    [
        add_transform(XSLT, STYLESHEET),
        add_transform("http://www.w3.org/TR/1999/REC-xpath-19991116", "<XPath>not(//MACSKCB)</XPath>"),
        add_transform("http://www.w3.org/2002/06/xmldsig-filter2"),
        add_transform("http://www.w3.org/2000/09/xmldsig#base64"),
        add_transform("urn:unknown"),
        add_transform(f"{DS}enveloped-signature"),
        lambda root: part(root, "CanonicalizationMethod").set("Algorithm", XSLT),
        lambda root: part(root, "CanonicalizationMethod").append(etree.fromstring("<x/>")),
    ],
)
def test_a_transform_that_could_choose_what_is_signed_is_never_run(change: Callable[[Root], None]):
    assert word(changed(change)) == "transform"


def test_a_document_that_is_signed_without_the_enveloped_signature_transform_is_refused():
    assert word(changed(set_first_transform("http://www.w3.org/TR/2001/REC-xml-c14n-20010315"))) == "wrapped"


def test_more_references_than_the_file_and_its_time_are_refused():
    def change(root: Root) -> None:
        info = part(root, "SignedInfo")
        for number in range(1000):
            copy = etree.fromstring(etree.tostring(part(root, "Reference")))
            copy.set("URI", f"#part{number}")
            info.append(copy)

    assert word(changed(change)) in ("wrapped", "unreadable")


def test_two_references_to_the_whole_file_are_refused():
    def change(root: Root) -> None:
        part(root, "SignedInfo").append(etree.fromstring(etree.tostring(part(root, "Reference"))))

    assert word(changed(change)) == "wrapped"


def test_a_shared_key_is_no_key_of_a_certificate():
    """HMAC with the certificate's public bytes as the secret: whoever has the file could make it."""

    def change(root: Root) -> None:
        part(root, "SignatureMethod").set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")
        secret = hmac.new(OURS.der, etree.tostring(part(root, "SignedInfo"), method="c14n"), hashlib.sha256)
        part(root, "SignatureValue").text = base64.b64encode(secret.digest()).decode()

    assert word(changed(change)) == "algorithm"


@pytest.mark.parametrize(
    ("name", "algorithm"),
    [
        ("SignatureMethod", f"{DS}rsa-sha1"),
        ("SignatureMethod", f"{DS}hmac-sha1"),
        ("SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1"),
        ("SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#rsa-md5"),
        ("DigestMethod", f"{DS}sha1"),
        ("DigestMethod", "http://www.w3.org/2001/04/xmldsig-more#md5"),
    ],
)
def test_a_broken_hash_has_its_own_word(name: str, algorithm: str):
    assert word(changed(lambda root: part(root, name).set("Algorithm", algorithm))) == "weak"


@pytest.mark.parametrize("name", ["SignatureMethod", "DigestMethod"])
def test_an_unknown_algorithm_is_refused(name: str):
    assert word(changed(lambda root: part(root, name).set("Algorithm", "urn:none"))) == "algorithm"


def test_a_method_with_parameters_is_refused():
    def change(root: Root) -> None:
        etree.SubElement(part(root, "SignatureMethod"), f"{{{DS}}}HMACOutputLength").text = "8"

    assert word(changed(change)) == "algorithm"


def test_the_method_of_another_kind_of_key_does_not_pass():
    method = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"

    assert word(changed(lambda root: part(root, "SignatureMethod").set("Algorithm", method))) == "key"


def test_the_registered_key_counts_and_no_key_that_the_file_brings():
    """A stranger signs, and names the certificate of the facility."""
    content = signed(files.DOSSIER, STRANGER)
    swapped = re.sub(rb"(X509Certificate>)[^<]+", rb"\1" + base64.b64encode(OURS.der), content, count=1)

    assert word(content) == "wrong-facility"
    assert word(swapped) == "key"


def test_a_certificate_with_the_same_names_and_number_is_not_the_registered_one():
    """Whoever likes makes a certificate with anybody's issuer and serial number."""
    key = ec.generate_private_key(ec.SECP256R1())
    twin = Signing(key, certificate_like(OURS.certificate, key))

    assert twin.certificate.serial_number == OURS.certificate.serial_number
    assert word(signed(files.DOSSIER, twin)) == "unregistered"


def test_a_file_that_names_only_the_number_of_a_certificate_is_judged_by_the_registered_key():
    def only_serial(root: Root) -> None:
        data = part(root, "X509Data")
        data.clear()
        pair = etree.SubElement(data, f"{{{DS}}}X509IssuerSerial")
        etree.SubElement(pair, f"{{{DS}}}X509IssuerName").text = "CN=Public CA"
        number = str(OURS.certificate.serial_number)
        etree.SubElement(pair, f"{{{DS}}}X509SerialNumber").text = number

    assert word(changed(only_serial)) == "good"


@pytest.mark.parametrize("text", ["", "AAAA", "?", base64.b64encode(b"x" * 9000).decode()])
def test_a_certificate_that_is_none_is_refused(text: str):
    def change(root: Root) -> None:
        part(root, "X509Certificate").text = text

    assert word(changed(change)) in ("certificate", "unregistered")


def test_a_key_without_a_certificate_is_nobodys():
    def change(root: Root) -> None:
        data = part(root, "KeyInfo")
        data.clear()
        etree.SubElement(data, f"{{{DS}}}KeyName").text = "01999"

    assert word(changed(change)) == "certificate"


def test_a_chain_is_taken_in_any_order_and_a_heap_is_not():
    def add(count: int) -> Callable[[Root], None]:
        def change(root: Root) -> None:
            for _ in range(count):
                more = etree.SubElement(part(root, "X509Data"), f"{{{DS}}}X509Certificate")
                more.text = base64.b64encode(public(kind="ecdsa").der).decode()
                part(root, "X509Data").insert(0, more)

        return change

    assert word(changed(add(2))) == "good"
    assert word(changed(add(10))) == "certificate"


def test_comments_and_instructions_in_a_text_change_nothing_of_what_is_read():
    commented = SIGNED.replace(b"<MACSKCB>01999", b"<MACSKCB>01<!-- 79 -->999")
    instructed = SIGNED.replace(b"<MACSKCB>01999", b"<MACSKCB>01<?x 79?>999")

    assert (word(commented), read_signed_file(commented).facility) == ("good", "01999")
    assert (word(instructed), read_signed_file(instructed).facility) == ("altered", "01999")


def test_a_document_that_has_no_canonical_form_is_refused():
    assert word(SIGNED.replace(b"<THONGTINDONVI>", b'<THONGTINDONVI xmlns:x="relative">')) == "unreadable"


def test_an_inherited_attribute_of_xml_is_refused():
    assert (
        word(changed(lambda root: root.set("{http://www.w3.org/XML/1998/namespace}base", "urn:x"))) != "good"
    )


TIME = (
    f'<Object xmlns="{DS}"><SignatureProperties><SignatureProperty Id="time" Target="">'
    "<SigningTime>2026-11-20T10:15:00Z</SigningTime></SignatureProperty></SignatureProperties></Object>"
)


def test_a_time_that_is_not_signed_is_no_time_of_signing():
    content = changed(lambda root: signature_of(root).append(etree.fromstring(TIME)))
    file = read_signed_file(content)

    assert word(content) == "good"
    assert file.signature is not None
    assert file.signature.signing_time is None


def second_reference(uri: str) -> str:
    digest = "http://www.w3.org/2001/04/xmlenc#sha256"
    return (
        f'<Reference xmlns="{DS}" URI="{uri}"><DigestMethod Algorithm="{digest}"/>'
        "<DigestValue>AAAA</DigestValue></Reference>"
    )


@pytest.mark.parametrize(
    ("uri", "twin", "expected"),
    [
        ("#time", False, "altered"),
        ("#time", True, "wrapped"),
        ("#elsewhere", False, "wrapped"),
        ("file:///etc/passwd", False, "wrapped"),
    ],
)
def test_a_second_reference_means_the_time_in_the_signature_alone(uri: str, twin: bool, expected: str):
    def change(root: Root) -> None:
        signature_of(root).append(etree.fromstring(TIME))
        part(root, "SignedInfo").append(etree.fromstring(second_reference(uri)))
        if twin:
            root[0].set("ID", "time")

    assert word(changed(change)) == expected


def test_an_object_of_anything_else_is_refused():
    def change(root: Root) -> None:
        etree.SubElement(signature_of(root), f"{{{DS}}}Object").append(etree.fromstring("<x/>"))

    assert word(changed(change)) == "wrapped"


SIZE = 64 * 1024 * 1024

# Of a process that has done nothing else: the file, its tree, and what the parser holds meanwhile.
MAX_TIMES = 4

MEASURE = """
import resource, sys
from kcb import xml_parser
from kcb.signed_file import read_signed_file
xml_parser.MAX_FILE_BYTES = 80 * 1024 * 1024
content = open(sys.argv[1], "rb").read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
file = read_signed_file(content)
assert file.fault is None and file.signature is not None, file
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.timeout(300)
def test_a_file_of_64_mib_is_verified_in_bounded_memory(tmp_path):
    filling = base64.b64encode(b"\x00" * (SIZE * 3 // 4))
    plain = re.sub(rb"(<NOIDUNGFILE>)[^<]+", rb"\1" + filling, files.DOSSIER, count=1)
    path = tmp_path / "large.xml"
    path.write_bytes(signed(plain, OURS))

    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], check=True, capture_output=True, text=True
    )

    assert path.stat().st_size > SIZE
    assert int(measured.stdout) * 1024 < MAX_TIMES * SIZE
