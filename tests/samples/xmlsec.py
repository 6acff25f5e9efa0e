"""
Signing and verifying by the `xmlsec1` tool, which shares no line with ours.

    xmlsec1 --sign --privkey-pem KEY,CERTIFICATE --output SIGNED TEMPLATE
    xmlsec1 --verify --pubkey-cert-pem CERTIFICATE SIGNED
"""

import shutil
import subprocess
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from .signing import Signing

TOOL = shutil.which("xmlsec1")

DS = "http://www.w3.org/2000/09/xmldsig#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
C14N_11 = "http://www.w3.org/2006/12/xml-c14n11"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"

KEY_INFO = "<X509Data><X509Certificate/></X509Data>"

SIGNING_TIME = (
    '<Object><SignatureProperties><SignatureProperty Id="time" Target="#signature">'
    "<SigningTime>{}</SigningTime></SignatureProperty></SignatureProperties></Object>"
)
# As signing tools in Viet Nam write it: the Object has the id, and its content no namespace.
VIETNAMESE_TIME = (
    '<Object Id="time"><SignatureProperties xmlns=""><SignatureProperty Target="#signature">'
    "<SigningTime>{}</SigningTime></SignatureProperty></SignatureProperties></Object>"
)
XADES_TIME = (
    '<Object><x:QualifyingProperties xmlns:x="http://uri.etsi.org/01903/v1.3.2#" Target="#signature">'
    '<x:SignedProperties Id="time"><x:SignedSignatureProperties><x:SigningTime>{}</x:SigningTime>'
    "</x:SignedSignatureProperties></x:SignedProperties></x:QualifyingProperties></Object>"
)


# The tool knows an attribute for an id only when it is told.
IDS = (
    *("--id-attr:Id", "SignatureProperty"),
    *("--id-attr:Id", "http://www.w3.org/2000/09/xmldsig#:Object"),
    *("--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"),
)


def reference(uri: str, transforms: list[str], digest: str = "sha256") -> str:
    inner = "".join(f'<Transform Algorithm="{name}"/>' for name in transforms)
    return (
        f'<Reference URI="{uri}">'
        + (f"<Transforms>{inner}</Transforms>" if inner else "")
        + f'<DigestMethod Algorithm="{digest_name(digest)}"/><DigestValue/></Reference>'
    )


def digest_name(digest: str) -> str:
    return f"{DS}sha1" if digest == "sha1" else f"http://www.w3.org/2001/04/xmlenc#{digest}"


def template(
    *,
    kind: str = "rsa",
    digest: str = "sha256",
    c14n: str = C14N,
    of_document: str = "",
    more: str = "",
    key_info: str = KEY_INFO,
    item: str = "",
) -> str:
    """Return an unfilled signature; *of_document* is the canonicalisation of the document, empty for none."""
    transforms = [f"{DS}enveloped-signature", *([of_document] if of_document else [])]
    method = (
        f"{DS}rsa-sha1" if digest == "sha1" else f"http://www.w3.org/2001/04/xmldsig-more#{kind}-{digest}"
    )
    return (
        f'<Signature xmlns="{DS}" Id="signature"><SignedInfo><CanonicalizationMethod Algorithm="{c14n}"/>'
        f'<SignatureMethod Algorithm="{method}"/>{reference("", transforms, digest)}{more}</SignedInfo>'
        f"<SignatureValue/><KeyInfo>{key_info}</KeyInfo>{item}</Signature>"
    )


def put(content: bytes, signature: str) -> bytes:
    """Return *content* with *signature* in its CHUKYDONVI, whatever stood there."""
    before, _, rest = content.partition(b"<CHUKYDONVI")
    after = rest.partition(b"</CHUKYDONVI>")[2] if b"</CHUKYDONVI>" in rest else rest.partition(b"/>")[2]
    return before + b"<CHUKYDONVI>" + signature.encode() + b"</CHUKYDONVI>" + after


def sign(folder: Path, content: bytes, by: Signing, *options: str) -> bytes:
    """Return *content*, which holds a template, signed by the tool."""
    assert TOOL is not None
    key, certificate = _written(folder, by)
    source, signed = folder / "template.xml", folder / "signed.xml"
    source.write_bytes(content)
    command = [TOOL, "--sign", "--privkey-pem", f"{key},{certificate}", *options]
    subprocess.run([*command, "--output", str(signed), str(source)], check=True, capture_output=True)
    return signed.read_bytes()


def verifies(folder: Path, content: bytes, by: Signing, *options: str) -> bool:
    """Tell whether the tool finds the signature good."""
    assert TOOL is not None
    _, certificate = _written(folder, by)
    source = folder / "to-verify.xml"
    source.write_bytes(content)
    command = [TOOL, "--verify", "--pubkey-cert-pem", str(certificate), *options, str(source)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _written(folder: Path, by: Signing) -> tuple[Path, Path]:
    key, certificate = folder / "signer.key", folder / "signer.crt"
    is_elliptic = isinstance(by.key, ec.EllipticCurvePrivateKey)
    form = PrivateFormat.PKCS8 if is_elliptic else PrivateFormat.TraditionalOpenSSL
    key.write_bytes(by.key.private_bytes(Encoding.PEM, form, NoEncryption()))
    certificate.write_bytes(by.pem)
    return key, certificate
