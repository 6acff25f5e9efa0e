"""
The queries.  One function a query; each takes the open transaction first.

A function returns a value of the model, a list of them, or None.  It never commits, never
retries and never decides.  Every query on what is kept by person carries the person.
"""
