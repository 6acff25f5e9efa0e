"""
Prescriptions and what was dispensed of them.

Owns prescriptions (đơn thuốc), the claims that pharmacies hold on them,
dispensings, and the catalogue of drugs.  Promises that of every line no more is
dispensed than was prescribed, whoever races: the rules say so, the row lock
orders them, and a CHECK of the table would stop what both let through.  Knows a
person by resource name only.  Calls identity, to ask whether a reader that
neither issued a prescription nor holds its code may see it.
"""
