"""Drugs of the catalogue."""

from lientuyen.pharmacy.v1 import drug_pb2 as pb

from ..model.drugs import Drug, control_of


def drug(message: pb.Drug) -> Drug:
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


def drug_to_pb(it: Drug) -> pb.Drug:
    control = control_of(it.registration_number)
    return pb.Drug(
        name=f"drugs/{it.id}",
        registration_number=it.registration_number,
        inn=it.inn,
        brand=it.brand,
        ingredient_code=it.ingredient_code,
        strength=it.strength,
        route_code=it.route_code,
        dosage_form=it.dosage_form,
        unit=it.unit,
        manufacturer=it.manufacturer,
        control=f"CONTROL_{control.name if control else 'UNSPECIFIED'}",
        prescription_only=it.prescription_only,
    )
