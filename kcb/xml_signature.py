"""
The facility's signature in CHUKYDONVI (XMLDSig, letter 1245/BHXH-CNTT): what was signed, and does it fit.

What is taken is exactly one signature, in CHUKYDONVI, over the whole document: a reference with the empty
URI, the enveloped-signature transform and at most a canonicalisation.  Beside it only the time of signing may
be signed, inside the signature.  Anything else could sign one part and let another be read (signature
wrapping), so it is refused before any cryptography; no other transform is ever run, and nothing is fetched.

Whose key it was is not told here: `signing_certificates` judges that.  Nothing here reads a clock.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final, cast

from lxml import etree

from .xml_canonical import CANONICALISATIONS, NotCanonical, canonical_part, digest_document, form_of
from .xml_parser import local

DS: Final = "http://www.w3.org/2000/09/xmldsig#"
XADES: Final = "http://uri.etsi.org/01903/"
HOLDER: Final = "CHUKYDONVI"
HEALTH_CHECK_ROOT: Final = "KHAMSUCKHOE"
ENVELOPED: Final = f"{DS}enveloped-signature"

DIGESTS: Final[Mapping[str, str]] = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}

# What signs → the kind of key, and the hash.  No shared key (HMAC), and no DSA.
METHODS: Final[Mapping[str, tuple[str, str]]] = {
    f"http://www.w3.org/2001/04/xmldsig-more#{kind}-{name}": (kind, name)
    for kind in ("rsa", "ecdsa")
    for name in ("sha256", "sha384", "sha512")
}

# Hashes that are broken, as the names of algorithms end.
_WEAK = re.compile(r"[#-](sha1|md5|ripemd160)$", re.IGNORECASE)

# Certificates that one signature may name, and their bytes: a chain has three or four, of some 2,000.
MAX_CERTIFICATES: Final = 10
MAX_CERTIFICATE_BYTES: Final = 8192

# Elements of one signature: the fullest of XAdES has some 40.
MAX_SIGNATURE_ELEMENTS: Final = 200

# Every element of a document that a name may mean.
_MEANT: Final = etree.XPath("//*[@Id=$name or @ID=$name or @id=$name]")

VIETNAM: Final = timezone(timedelta(hours=7))


class SignatureFault(Exception):
    """The signature does not hold.  *cause* is one word; `signature-<cause>` is its rule in the catalogue."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause

    @property
    def rule(self) -> str:
        return f"signature-{self.cause}"


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature whose digests fit its document: the bytes that a key must have signed, and whose it may be.

    *certificates* (DER) and *serials* are those that the file names: they prove nothing.  *method* is the
    kind of key, `rsa` or `ecdsa`, and the hash.  *signing_time* is when the signer says to have signed, under
    the signature; None when it does not say so.
    """

    signed_info: bytes
    value: bytes
    method: tuple[str, str]
    certificates: tuple[bytes, ...]
    serials: tuple[int, ...]
    signing_time: datetime | None


def read_signature(root: etree._Element) -> Signature | None:
    """Return the signature of a document, whose digests fit; None when it has none.  *root* is used up.

    Raises SignatureFault when it is of another shape, or the document was changed after it was signed.
    """
    element = only_signature(root)
    return None if element is None else read_enveloped(element)


def only_signature(root: etree._Element) -> etree._Element | None:
    """Return the one signature, in its place; None when CHUKYDONVI is empty and there is none elsewhere."""
    holders = [item for parent in _parents(root) for item in elements_of(parent) if local(item.tag) == HOLDER]
    inside = [item for holder in holders for item in elements_of(holder)]
    signatures = list(root.iter(f"{{{DS}}}Signature"))
    if not inside and not signatures:
        return None
    if len(holders) != 1 or len(inside) != 1 or signatures != inside:
        raise SignatureFault("wrapped")
    return signatures[0]


def _parents(root: etree._Element) -> list[etree._Element]:
    """Return what CHUKYDONVI may stand in: the root; of a health check anything, for notes differ there."""
    return list(root.iter(etree.Element)) if local(root.tag) == HEALTH_CHECK_ROOT else [root]


def read_enveloped(element: etree._Element, *, others: tuple[etree._Element, ...] = ()) -> Signature:
    """Return the signature in *element*, which must sign all of its document; takes it out of there.

    *others* are signatures that came into the document later, and are taken out before.
    """
    if sum(1 for _ in element.iter(etree.Element)) > MAX_SIGNATURE_ELEMENTS:
        raise SignatureFault("unreadable")
    try:
        return _read(element, others)
    except NotCanonical:
        raise SignatureFault("transform") from None
    except (etree.LxmlError, ValueError):  # it has no canonical form, as with a namespace that is no URI
        raise SignatureFault("unreadable") from None


def _read(element: etree._Element, others: tuple[etree._Element, ...]) -> Signature:
    info, value, rest = _parts(element)
    method = _method(_only(info, "SignatureMethod"))
    whole, time = _references(info, [item for item in rest if local(item.tag) == "Object"])
    signature = Signature(
        canonical_part(info, _only(info, "CanonicalizationMethod")),
        _bytes_of(value),
        method,
        *_named(rest),
        None if time is None else _signed_time(time, element),
    )
    document = element.getroottree()
    for each in (*others, element):
        take_out(each)
    expected = _bytes_of(_only(whole, "DigestValue"))
    if digest_document(document, _hash_of(whole), _canonicalisation(whole)) != expected:
        raise SignatureFault("altered")
    return signature


def elements_of(parent: etree._Element) -> list[etree._Element]:
    """Return the elements in *parent*; no instruction."""
    return list(parent.iterchildren(etree.Element))


def take_out(element: etree._Element) -> None:
    """Take an element out of its document, and leave the text behind it."""
    parent, previous = element.getparent(), element.getprevious()
    assert parent is not None, "a signature is never the root"
    if previous is not None:
        previous.tail = (previous.tail or "") + (element.tail or "")
    else:
        parent.text = (parent.text or "") + (element.tail or "")
    element.tail = None
    parent.remove(element)


def _ds(parent: etree._Element, name: str) -> list[etree._Element]:
    return list(parent.iterchildren(f"{{{DS}}}{name}"))


def _only(parent: etree._Element, name: str) -> etree._Element:
    matching = _ds(parent, name)
    if len(matching) != 1:
        raise SignatureFault("unreadable")
    return matching[0]


def _parts(element: etree._Element) -> tuple[etree._Element, etree._Element, list[etree._Element]]:
    """Return SignedInfo, SignatureValue and the rest: at most one KeyInfo and one Object."""
    parts = elements_of(element)
    if [item.tag for item in parts[:2]] != [f"{{{DS}}}SignedInfo", f"{{{DS}}}SignatureValue"]:
        raise SignatureFault("unreadable")
    rest = [str(item.tag) for item in parts[2:]]
    if not set(rest) <= {f"{{{DS}}}KeyInfo", f"{{{DS}}}Object"} or len(set(rest)) != len(rest):
        raise SignatureFault("wrapped")
    return parts[0], parts[1], parts[2:]


def _method(element: etree._Element) -> tuple[str, str]:
    """Return the kind of key and the hash that sign; no method with parameters."""
    algorithm = element.get("Algorithm", "")
    if _WEAK.search(algorithm):
        raise SignatureFault("weak")
    if algorithm not in METHODS or len(element):
        raise SignatureFault("algorithm")
    return METHODS[algorithm]


def _references(
    info: etree._Element, objects: list[etree._Element]
) -> tuple[etree._Element, etree._Element | None]:
    """Return the reference to the whole document, and that to the time of signing or None."""
    references = _ds(info, "Reference")
    whole = [item for item in references if item.get("URI") == ""]
    others = [item for item in references if item.get("URI") != ""]
    if len(whole) != 1 or len(others) > 1 or len(elements_of(info)) != len(references) + 2:
        raise SignatureFault("wrapped")
    if not all(map(_tells_time_only, objects)) or len(others) > len(objects):
        raise SignatureFault("wrapped")
    _check_reference(whole[0], [ENVELOPED])
    for reference in others:
        _check_reference(reference, [])
    return whole[0], others[0] if others else None


def _tells_time_only(item: etree._Element) -> bool:
    """Tell whether an Object holds the time of signing, as XAdES or as Vietnamese signing tools write it."""
    tags = [str(part.tag) for part in elements_of(item)]
    if len(tags) != 1:
        return False
    is_xades = tags[0].startswith(f"{{{XADES}") and local(tags[0]) == "QualifyingProperties"
    return is_xades or tags[0] in (f"{{{DS}}}SignatureProperties", "SignatureProperties")


def _transforms(reference: etree._Element) -> list[etree._Element]:
    return [item for holder in _ds(reference, "Transforms") for item in elements_of(holder)]


def _check_reference(reference: etree._Element, before: list[str]) -> None:
    """Refuse any transform but those *before* and one canonicalisation, and a digest that is no more used."""
    transforms = _transforms(reference)
    names = [item.get("Algorithm", "") for item in transforms]
    if names[: len(before)] != before:
        raise SignatureFault("wrapped" if ENVELOPED not in names else "transform")
    rest = names[len(before) :]
    if len(rest) > 1 or not set(rest) <= CANONICALISATIONS.keys():
        raise SignatureFault("transform")
    if any(len(item) for item in transforms[: len(before)]):
        raise SignatureFault("transform")
    _hash_of(reference)
    form_of(_canonicalisation(reference))


def _canonicalisation(reference: etree._Element) -> etree._Element | None:
    transforms = _transforms(reference)
    return transforms[-1] if transforms and transforms[-1].get("Algorithm") in CANONICALISATIONS else None


def _hash_of(reference: etree._Element) -> str:
    algorithm = _only(reference, "DigestMethod").get("Algorithm", "")
    if _WEAK.search(algorithm):
        raise SignatureFault("weak")
    if algorithm not in DIGESTS:
        raise SignatureFault("algorithm")
    return DIGESTS[algorithm]


def _signed_time(reference: etree._Element, element: etree._Element) -> datetime:
    """Return the time of signing, which a second reference signs; it is in the signature's own Object."""
    part = _part_meant(reference.get("URI", ""), element)
    expected = _bytes_of(_only(reference, "DigestValue"))
    digest = hashlib.new(_hash_of(reference), canonical_part(part, _canonicalisation(reference))).digest()
    if digest != expected:
        raise SignatureFault("altered")
    times = [item for item in part.iter(etree.Element) if local(str(item.tag)) == "SigningTime"]
    if len(times) != 1:
        raise SignatureFault("signing-time")
    return time_of("".join(map(str, times[0].itertext())).strip())


def _part_meant(uri: str, element: etree._Element) -> etree._Element:
    """Return the part of *element* that `#id` means; no other part of the document may be called so."""
    name = uri.removeprefix("#")
    if not uri.startswith("#") or not name or name.startswith("xpointer("):
        raise SignatureFault("wrapped")
    meant = cast(list[etree._Element], _MEANT(element, name=name))
    inside = [item for holder in _ds(element, "Object") for item in holder.iter(etree.Element)]
    if len(meant) != 1 or meant[0] not in inside:
        raise SignatureFault("wrapped")
    return meant[0]


def time_of(text: str) -> datetime:
    """Return the instant of `2026-11-20T10:15:00+07:00`; a time without a zone is that of Viet Nam."""
    try:
        time = datetime.fromisoformat(text) if len(text) <= 40 and "T" in text else None
        if time is None:
            raise SignatureFault("signing-time")
        return (time if time.tzinfo else time.replace(tzinfo=VIETNAM)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise SignatureFault("signing-time") from None


def _named(rest: list[etree._Element]) -> tuple[tuple[bytes, ...], tuple[int, ...]]:
    """Return the certificates (DER) and the serial numbers in KeyInfo; keys in it mean nothing."""
    data = [item for info in rest if local(info.tag) == "KeyInfo" for item in _ds(info, "X509Data")]
    certificates = [item for holder in data for item in _ds(holder, "X509Certificate")]
    serials = [
        item
        for holder in data
        for pair in _ds(holder, "X509IssuerSerial")
        for item in _ds(pair, "X509SerialNumber")
    ]
    if not certificates and not serials:
        raise SignatureFault("certificate")
    if len(certificates) + len(serials) > MAX_CERTIFICATES:
        raise SignatureFault("certificate")
    return tuple(map(_certificate, certificates)), tuple(map(_serial, serials))


def _certificate(element: etree._Element) -> bytes:
    try:
        der = _bytes_of(element)
    except SignatureFault:
        raise SignatureFault("certificate") from None
    if len(der) > MAX_CERTIFICATE_BYTES:
        raise SignatureFault("certificate")
    return der


def _serial(element: etree._Element) -> int:
    text = (element.text or "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 50):
        raise SignatureFault("certificate")
    return int(text)


def _bytes_of(element: etree._Element) -> bytes:
    """Return what the base64 in an element encodes; it is never empty."""
    try:
        value = base64.b64decode("".join((element.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise SignatureFault("unreadable") from None
    if not value or len(element):
        raise SignatureFault("unreadable")
    return value
