"""
Fixtures: one PostgreSQL and one authority a session, one world a test.

The event loop is a test's own; what lasts a session is synchronous, so that
nothing is carried from one loop to another.
"""

import os
import shutil
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import HealthCheck, settings

# gRPC's core says on stderr that connections end, which is what many tests do to them.
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")

from laptop.postgres_cluster import Cluster
from tests.databases import Databases, Templates
from tests.harness import Pki, World

# A slow machine is no fault: no example has a deadline, and none is drawn too slowly.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

# A test's data need not survive a power cut.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300"}


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """An embedded PostgreSQL for the session; its log stays, its data goes."""
    folder = tmp_path_factory.mktemp("cluster")
    running = Cluster(folder, options=FAST)
    running.start()
    yield running
    running.stop()
    shutil.rmtree(folder / "pg", ignore_errors=True)


@pytest.fixture(scope="session")
def templates(cluster: Cluster) -> Templates:
    """What databases are cloned from."""
    return Templates(cluster)


@pytest.fixture
def databases(templates: Templates) -> Iterator[Databases]:
    """Databases of one test on the session's cluster; dropped after it."""
    made = Databases(templates)
    yield made
    made.drop()


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """The session's certificate authority."""
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture
async def world(
    databases: Databases, pki: Pki, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """What one test builds; ended after it."""
    made = World(databases, pki, tmp_path_factory.mktemp("world"))
    yield made
    await made.close()
