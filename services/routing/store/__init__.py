"""
The queries of routing.  One function a query; each takes the open transaction first.

A function returns a model, a list of models, or None.  It never commits, never
retries and never decides.  Times that end in a row or a receipt are the
database's own (`clock_timestamp()`), so that replicas need not agree on the hour.
"""
