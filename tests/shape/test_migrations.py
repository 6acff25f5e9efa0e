"""Migrations from zero make the schema that the code describes."""

from importlib import import_module

import pytest

from chassis import migrate
from laptop.postgres_cluster import Cluster

from .contract import SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_from_zero_equal_the_schema(service: str, cluster: Cluster):
    metadata = import_module(f"services.{service}.schema").metadata
    cluster.create(f"shape_{service}")
    url = cluster.url(f"shape_{service}")

    migrate.upgrade(f"services.{service}", url)

    assert migrate.same_schema(url, metadata) == []
