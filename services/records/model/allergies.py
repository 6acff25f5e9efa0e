"""Which diagnoses tell of an allergy (dị ứng): no table of QĐ 130/QĐ-BYT has a field for one."""

from typing import Final

# Allergies as diagnoses (ICD-10): what each is to (`food`, `medication`, else empty), and what it is called.
ALLERGIES: Final = {
    "T780": ("food", "Sốc phản vệ do thức ăn"),
    "T782": ("", "Sốc phản vệ"),
    "T783": ("", "Phù mạch do dị ứng"),
    "T784": ("", "Dị ứng"),
    "T886": ("medication", "Sốc phản vệ do thuốc"),
    "T887": ("medication", "Phản ứng không mong muốn của thuốc"),
    "Z88": ("medication", "Tiền sử dị ứng thuốc"),
    "Z910": ("", "Tiền sử dị ứng"),
}


def allergy_of(code: str) -> tuple[str, str] | None:
    """Return what the allergy of a diagnosis is to, and what it is called; None when it is no allergy."""
    plain = "".join(code.split()).replace(".", "").upper()
    return next((meaning for prefix, meaning in ALLERGIES.items() if plain.startswith(prefix)), None)
