"""Registers of persons and of insurance cards, in batches; the rooms inside are those of a service."""
