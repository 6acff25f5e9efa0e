"""
The queries: one function a query, the open transaction first.

A function returns a model, a list of models, or None.  It never commits and
never decides.
"""
