"""
The queries.  One function a query; each takes the open transaction first.

A function returns models or None.  It never commits, never retries and never
decides: those belong to the handler that opened the transaction.
"""
