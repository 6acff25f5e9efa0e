"""Staging tables and the statements over a whole batch.  None commits."""
