"""Registers of persons and of insurance cards, imported in batches; the rooms inside are those of a service."""
