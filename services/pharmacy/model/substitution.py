"""
When another product may stand in for the prescribed one (thay thế thuốc).

A pharmacist may only give the same ingredient, strength and route (TT 26/2025/TT-BYT; Luật
Dược 105/2016/QH13), and another product only when the buyer agrees.
"""

from common.faults import Fault
from kcb.vietnamese_text import folded

from .drugs import Medicine, registration_number_warnings, slug
from .refusals import Refusal


def check_substitution(
    supplied: Medicine, prescribed: Medicine, path: str, *, buyer_agreed: bool
) -> list[Fault]:
    faults = [
        Fault(
            f"{path}.drug.{name}",
            Refusal.SUBSTITUTION_REFUSED,
            f"{name} differs from the prescribed drug.",
            "Chỉ được thay thế thuốc cùng hoạt chất, đường dùng, hàm lượng.",
        )
        for name in differences(supplied, prescribed)
    ]
    if is_other_product(supplied, prescribed):
        if not buyer_agreed:
            faults.append(
                Fault(
                    f"{path}.buyer_agreed",
                    Refusal.SUBSTITUTION_REFUSED,
                    "Another product needs the buyer's agreement.",
                    "Thay thế thuốc phải được người mua đồng ý.",
                )
            )
        faults += uncomparable_warnings(supplied, prescribed, path)
    return faults + registration_number_warnings(supplied, f"{path}.drug")


def uncomparable_warnings(supplied: Medicine, prescribed: Medicine, path: str) -> list[Fault]:
    """Return a warning for each of strength and route that only one of the two states: it refuses nobody."""
    return [
        Fault(
            f"{path}.drug.{name}",
            "SUBSTITUTION_UNCHECKED",
            f"{name} could not be compared: only one of the two drugs states it.",
            "Không đủ thông tin để so sánh với thuốc được kê.",
            refuses=False,
        )
        for name in ("strength", "route_code")
        if bool(getattr(supplied, name)) != bool(getattr(prescribed, name))
    ]


def is_other_product(supplied: Medicine, prescribed: Medicine) -> bool:
    """Tell whether *supplied* is another product than the one prescribed.

    Told by the registration number where the prescriber names one, else by the
    brand.  A prescription by INN alone names no product: whatever has the
    ingredient is what was prescribed.
    """
    if prescribed.registration_number:
        return slug(supplied.registration_number) != slug(prescribed.registration_number)
    return bool(prescribed.brand) and folded(supplied.brand) != folded(prescribed.brand)


def differences(supplied: Medicine, prescribed: Medicine) -> list[str]:
    """Return in which of `ingredient_code`, `inn`, `strength`, `route_code` the two differ.

    Ingredients are compared by code where both have one, else by INN; a part that one of
    the two leaves empty is not compared.
    """
    both_coded = supplied.ingredient_code and prescribed.ingredient_code
    fields = ("ingredient_code" if both_coded else "inn", "strength", "route_code")
    return [name for name in fields if _differ(getattr(supplied, name), getattr(prescribed, name))]


def _differ(text: str, other: str) -> bool:
    return bool(text and other) and folded(text).replace(" ", "") != folded(other).replace(" ", "")
