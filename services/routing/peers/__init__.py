"""Whom routing asks, beside what every service asks of identity (`common.identity`)."""
