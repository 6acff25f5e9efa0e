"""
What records knows without asking anybody: how a dossier becomes a clinical history, what of it a
reader may see, which results may be reused, whether a signature holds.  The tables themselves and
their rules are in `kcb`.

Pure: no clock (time comes in as an argument), no network, no database.
"""
