"""Slips that are signed themselves: with the doctor's and the facility's signature they replace the paper."""

from collections.abc import AsyncIterator

import pytest

from chassis import clock
from lientuyen.records.v1 import dossier_service_pb2 as pb
from lientuyen.records.v1.dossier_pb2 import DossierSlip
from tests.harness import World, eventually
from tests.samples.files import sample
from tests.samples.signed_slips import signed_slip, slip, with_slip
from tests.samples.signing import NOW, public, signed

from .records_env import CARE, Records

DOCTOR, FACILITY, STRANGER = public(kind="ecdsa"), public(kind="ecdsa"), public(kind="ecdsa")
PRACTITIONER = "//identity.lientuyen/practitioners/5b0e57b1-6b1c-4c51-9c3e-0d8c0a6b4e11"
SLIP = slip(sample())


@pytest.fixture
async def records(world: World) -> AsyncIterator[Records]:
    with clock.fixed(NOW):
        records = await Records(world).start()
        records.identity.add_certificate("01999", DOCTOR.der, practitioner=PRACTITIONER)
        records.identity.add_certificate("01999", FACILITY.der)
        yield records


def rules(taken: pb.SubmitDossierResponse) -> list[str]:
    return [each.rule for each in taken.warnings if each.path == "XML13" and "sign" in each.rule]


async def test_a_slip_with_both_signatures_is_told_as_such_and_goes_on_as_it_was_written(records: Records):
    xml = signed_slip(SLIP, DOCTOR, FACILITY)
    taken = await records.submit(signed(with_slip(sample(), xml), FACILITY))
    [transfer] = [each for each in taken.dossier.slips if each.table == "XML13"]
    sent = await eventually(lambda: records.sent_referrals.requests)

    assert (transfer.signed_by_practitioner, transfer.signed_by_facility) == (True, True)
    assert rules(taken) == []
    assert taken.dossier.signature_verified
    assert sent[0].slip == xml


@pytest.mark.parametrize(
    ("xml", "by_practitioner", "by_facility", "expected"),
    [
        (SLIP, False, False, []),
        (signed_slip(SLIP, DOCTOR), True, False, ["slip-unsigned-by-facility"]),
        (signed_slip(SLIP, FACILITY), False, True, ["slip-unsigned-by-practitioner"]),
        (
            signed_slip(SLIP, DOCTOR, STRANGER),
            True,
            False,
            ["slip-signature-invalid", "slip-unsigned-by-facility"],
        ),
        (
            signed_slip(SLIP, DOCTOR, FACILITY).replace(b"<MA_LYDO_CT>", b"<MA_LYDO_CT> ", 1),
            False,
            False,
            [
                "slip-signature-invalid",
                "slip-unsigned-by-facility",
                "slip-unsigned-by-practitioner",
            ],
        ),
    ],
    ids=["paper", "doctor", "facility", "stranger", "altered"],
)
async def test_what_a_slip_lacks_is_a_warning_and_the_dossier_is_taken(
    records: Records, xml: bytes, by_practitioner: bool, by_facility: bool, expected: list[str]
):
    taken = await records.submit(with_slip(sample(), xml))
    [transfer] = [each for each in taken.dossier.slips if each.table == "XML13"]

    assert (transfer.signed_by_practitioner, transfer.signed_by_facility) == (by_practitioner, by_facility)
    assert sorted(rules(taken)) == expected


async def settled(records: Records, name: str) -> int:
    """Return the state of a dossier's transfer slip when it is on its way no more."""

    async def state() -> int:
        request = pb.GetDossierRequest(name=name, access=CARE)
        slips = (await records.dossiers().GetDossier(request)).dossier.slips
        [transfer] = [each for each in slips if each.table == "XML13"]
        return 0 if transfer.state == DossierSlip.STATE_PENDING else transfer.state

    return await eventually(state)


async def test_a_slip_that_is_signed_later_goes_out_again_and_one_that_is_signed_anew_does_not(
    records: Records,
):
    states = []
    for xml in (SLIP, signed_slip(SLIP, DOCTOR, FACILITY), signed_slip(SLIP, DOCTOR, FACILITY)):
        taken = await records.submit(with_slip(sample(), xml))
        states.append(await settled(records, taken.dossier.name))

    assert taken.dossier.version == 3
    assert records.sent_referrals.requests[0].slip == SLIP
    assert len(records.sent_referrals.requests) == 2
    assert states[2] == DossierSlip.STATE_UNCHANGED


async def test_a_re_examination_slip_is_signed_alike(records: Records):
    xml = signed_slip(slip(sample(), "XML14"), DOCTOR, FACILITY)
    taken = await records.submit(with_slip(sample(), xml, "XML14"))
    request = pb.ListDossiersRequest(facility="facilities/01999", access=CARE)
    [listed] = (await records.dossiers().ListDossiers(request)).dossiers
    [appointment] = [each for each in listed.slips if each.table == "XML14"]

    assert taken.dossier.version == 1
    assert (appointment.signed_by_practitioner, appointment.signed_by_facility) == (True, True)
