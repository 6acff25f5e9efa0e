"""
Who somebody may be: the comparison of two descriptions, and what it is worth (Fellegi-Sunter).

Pure: no clock, no I/O.  What a field's levels are worth is data (`weights.json`), estimated from
an invented population or from a deployment's own register (`tools/estimate_matching.py`).
"""
