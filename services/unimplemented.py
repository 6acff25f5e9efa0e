"""
The methods of the contract that are not built yet, and what each will do.

The server answers them UNIMPLEMENTED; `tests/shape` compares this table with
the contract and with the code, so that nothing is forgotten and nothing stays
here once it is built.
"""

UNIMPLEMENTED: dict[str, str] = {
    # identity
    # records
    # routing
    # pharmacy
    "lientuyen.pharmacy.v1.LotService/RegisterLot": "Registers a lot of a drug, by its maker or importer.",
    "lientuyen.pharmacy.v1.LotService/RecallLot": "Calls a lot back, so that Dispense refuses it.",
    "lientuyen.pharmacy.v1.LotService/TraceLot": "Lists every dispensing of a lot, naming no people.",
}
