"""
A corpus of invented dossiers: whole and consistent ones of many shapes, and each with exactly one fault.

    drafts    a dossier as tables of values, its money computed, written as a file in several ways
    shapes    the dossiers: inpatient, day, newborn, uninsured, HIV, TB, transfer, several cards …
    faults    what is planted, a rule at a time, with the path where it must be named
"""
