"""The harness under its former name, until every test imports it from `tests.harness`."""

from tests.harness import Databases, Pki, Refusal, Running, World, refused

__all__ = ["Databases", "Pki", "Refusal", "Running", "World", "refused"]
