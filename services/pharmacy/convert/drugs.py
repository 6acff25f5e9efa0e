"""Drugs: those of the catalogue, and those that a prescription or a dispensing names."""

from common.names import PHARMACY
from lientuyen.pharmacy.v1 import drug_pb2 as pb
from lientuyen.pharmacy.v1 import medicine_pb2

from ..model.drugs import Drug, Medicine, control_of


def drug_from_pb(message: pb.Drug) -> Drug:
    return Drug(
        registration_number=message.registration_number.strip(),
        inn=message.inn,
        brand=message.brand,
        ingredient_code=message.ingredient_code,
        strength=message.strength,
        route_code=message.route_code,
        dosage_form=message.dosage_form,
        unit=message.unit,
        manufacturer=message.manufacturer,
        prescription_only=message.prescription_only,
    )


def drug_to_pb(drug: Drug) -> pb.Drug:
    control = control_of(drug.registration_number)
    return pb.Drug(
        name=f"{PHARMACY}drugs/{drug.id}",
        registration_number=drug.registration_number,
        inn=drug.inn,
        brand=drug.brand,
        ingredient_code=drug.ingredient_code,
        strength=drug.strength,
        route_code=drug.route_code,
        dosage_form=drug.dosage_form,
        unit=drug.unit,
        manufacturer=drug.manufacturer,
        control=f"CONTROL_{control.name if control else 'UNSPECIFIED'}",
        prescription_only=drug.prescription_only,
    )


def medicine_from_pb(message: medicine_pb2.Medicine) -> Medicine:
    return Medicine(
        inn=message.inn,
        code=message.code,
        brand=message.brand,
        registration_number=message.registration_number,
        ingredient_code=message.ingredient_code,
        strength=message.strength,
        route_code=message.route_code,
    )


def medicine_to_pb(drug: Medicine) -> medicine_pb2.Medicine:
    return medicine_pb2.Medicine(
        inn=drug.inn,
        code=drug.code,
        brand=drug.brand,
        registration_number=drug.registration_number,
        ingredient_code=drug.ingredient_code,
        strength=drug.strength,
        route_code=drug.route_code,
    )
