"""
The two signatures of a health check, which go in order: the concluding doctor's in the module that concludes
(CKS_NGUOI_KET_LUAN), then the facility's over the whole file, with the doctor's in it (CHUKYDONVI).

So the facility's cannot hold when the doctor signed, or changed anything, after it.
"""

from chassis import call_context, clock
from kcb.ksk_catalogue import DOCTOR_SIGNATURE
from kcb.ksk_envelope import FACILITY, ROOT
from kcb.xml_parser import local, parse
from kcb.xml_signature import DS, Signature, SignatureFault, read_enveloped

from .signature_checks import SignatureChecks
from .submission_checks import off_loop, read_signed_off_loop

# Why a doctor's signature refuses the file: it is of the shape that is read, and does not hold.
BROKEN = frozenset({"altered", "key", "certificate"})


class HealthCheckSignatures:
    def __init__(self, signatures: SignatureChecks) -> None:
        self._signatures = signatures

    async def is_signed_by_facility(self, content: bytes) -> bool:
        """Return whether the facility signed the file, before it is read for what it means.

        Raises what `SignatureChecks.check_signed` does.
        """
        file = await read_signed_off_loop(content)
        if file is None or file.root != ROOT:
            return False
        if file.facility:
            call_context.require_facility(FACILITY, file.facility)
        return await self._signatures.check_signed(file, clock.now())

    async def is_signed_by_doctor(self, document: bytes, facility: str) -> bool:
        """Tell whether somebody known here as a practitioner of *facility* signed the module *document*.

        SignatureFault when the signature does not fit it.  False for a certificate that nobody registered,
        and for a signature of another shape than is read: a form may have others beside it.
        """
        try:
            signature = await off_loop(document, read_doctor_signature, document)
            return await self._signatures.knows_practitioner(signature, facility, clock.now())
        except SignatureFault as fault:
            if fault.cause in BROKEN:
                raise
            return False


def read_doctor_signature(document: bytes) -> Signature:
    """Return the one signature of a module, in its place; SignatureFault when it is of another shape."""
    root = parse(document, instructions=True)
    signatures = list(root.iter(f"{{{DS}}}Signature"))
    parent = signatures[0].getparent() if len(signatures) == 1 else None
    if parent is None or local(parent.tag) != DOCTOR_SIGNATURE:
        raise SignatureFault("wrapped")
    return read_enveloped(signatures[0])
