"""
What records knows without asking anybody: the tables and their rules, how a dossier
becomes a history, which results may be reused, whether a signature holds.

Pure: no clock (time comes in as an argument), no network, no database.
"""
