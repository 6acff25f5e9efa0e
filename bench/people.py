"""
Who takes part: the facilities and the patient of the demo, the bench's own hospitals, and the population.

Facilities come through the contract like any register; the population is made
where it is stored (`filling`).
"""

import asyncio
from dataclasses import asdict

from lientuyen.identity.v1 import facility_service_pb2 as facilities
from lientuyen.identity.v1.facility_pb2 import Facility
from lientuyen.type.v1.access_pb2 import AccessContext
from lientuyen_client.demo import people as demo

from . import filling
from .invented import HOSPITAL_CODE, today
from .site import Site

HOSPITAL = f"facility/{HOSPITAL_CODE}"

# Hospitals that only the bench has, each with a mailbox of its own: of 64 pairs, each sends to the next.
BENCH_HOSPITALS = tuple(f"910{number:02}" for number in range(65))

# Hospitals that live on another node (`nodes`), of each pair the recipient.
FAR_HOSPITALS = tuple(f"920{number:02}" for number in range(64))

TREATMENT = AccessContext(
    practitioner="000001/HNO-GPHN",
    purpose=AccessContext.PURPOSE_TREATMENT,
    legal_basis=AccessContext.LEGAL_BASIS_CONSENT,
)


async def registered(site: Site) -> None:
    """Put the facilities and the patient of the demo into the directory, and the bench's hospitals."""
    async with site.client("operator/dev") as directory, site.client("authority/bhxh") as insurance:
        await demo.seed(directory, insurance, today())
        rows = [
            facilities.FacilityRow(
                code=code,
                display_name=f"Bệnh viện Mẫu {code}",
                kind=Facility.KIND_HOSPITAL,
                level=Facility.LEVEL_BASIC,
                node="bac",
                state=Facility.STATE_ACTIVE,
            )
            for code in BENCH_HOSPITALS
        ]
        batches = demo.single_batch(facilities.ImportFacilitiesRequest, rows)
        await demo.check_taken(directory.facilities.ImportFacilities(batches))
    site.give_certificates(*(f"facility/{code}" for code in BENCH_HOSPITALS))


async def stored(site: Site) -> None:
    """Fill identity up to the persons that the site is to know, and tell what that took."""
    async with asyncio.timeout(filling.longest(site.persons)):
        filled = await filling.fill(site, site.persons)
    site.filled.append({**asdict(filled), "sentence": filled.sentence()})
    site.console.print(filled.sentence(), markup=False, highlight=False, soft_wrap=True)
