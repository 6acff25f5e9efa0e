"""The nodes, and the directory of which facility lives on which."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, and_, bindparam, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from chassis.db import Transaction
from chassis.sql import sql

from ..model.nodes import FacilityNode, Node
from ..schema import facility_nodes, nodes

_FACTS = ("display_name", "kind", "ca_certificates", "address")
_ENTRY = tuple(column.name for column in facility_nodes.c if column.name != "sequence")

GET = sql(select(*nodes.c).where(nodes.c.id == bindparam("of_id")))
IN_ITS_WAY = sql(
    select(*nodes.c)
    .where(or_(nodes.c.id == bindparam("of_id"), nodes.c.trust_domain == bindparam("of_trust_domain")))
    .limit(1)
)
LIST = sql(
    select(*nodes.c).where(nodes.c.id > bindparam("after")).order_by(nodes.c.id).limit(bindparam("limit"))
)
INSERT = sql(
    insert_or(nodes)
    .values({name: bindparam(name) for name in ("id", "trust_domain", *_FACTS)})
    .on_conflict_do_nothing()
    .returning(*nodes.c)
)
UPDATE = sql(
    update(nodes)
    .where(
        and_(
            nodes.c.id == bindparam("of_id"),
            or_(
                bindparam("of_version", type_=nodes.c.version.type) == 0,
                nodes.c.version == bindparam("of_version"),
            ),
        )
    )
    .values({name: bindparam(name) for name in _FACTS})
    .values(version=nodes.c.version + 1, update_time=func.now())
    .returning(*nodes.c)
)

# Whoever reads in the order of `sequence` misses nothing: entries are written one transaction after another.
LOCK_DIRECTORY = sql(text("SELECT pg_advisory_xact_lock(5417102)"))
CURRENT = sql(
    select(*facility_nodes.c)
    .where(facility_nodes.c.facility == bindparam("of_facility"))
    .order_by(facility_nodes.c.version.desc())
    .limit(1)
)
INSERT_ENTRY = sql(
    insert(facility_nodes)
    .values({name: bindparam(name) for name in _ENTRY})
    .returning(facility_nodes.c.sequence)
)
ENTRIES = sql(
    select(*facility_nodes.c)
    .where(facility_nodes.c.sequence > bindparam("after", type_=BigInteger))
    .order_by(facility_nodes.c.sequence)
    .limit(bindparam("limit"))
)

# What the list of facilities says is its import's word, unless the directory knows better.
APPLY_HOMES = sql(
    text(
        """
        UPDATE facilities SET node = home.node
        FROM (
            SELECT DISTINCT ON (facility) facility, node FROM facility_nodes
            WHERE facility = ANY (CAST(:codes AS text[])) ORDER BY facility, version DESC
        ) AS home
        WHERE facilities.code = home.facility AND facilities.node <> home.node
        """
    ),
    about="facilities",
)


def _node(row: Any) -> Node:
    facts = dict(row)
    return Node(**facts | {"ca_certificates": tuple(facts["ca_certificates"])})


async def get_node(tx: Transaction, node: str) -> Node | None:
    row = await tx.fetchrow(GET, of_id=node)
    return _node(row) if row else None


async def list_nodes(tx: Transaction, after: str = "", limit: int = 500) -> list[Node]:
    return [_node(row) for row in await tx.fetch(LIST, after=after, limit=limit)]


async def insert_node(tx: Transaction, node: Node) -> tuple[Node, bool]:
    """Register *node*; return it as it stands, or the one in its way, and whether it was registered."""
    facts = {name: getattr(node, name) for name in _FACTS if name != "ca_certificates"}
    certificates = list(node.ca_certificates)
    row = await tx.fetchrow(
        INSERT, id=node.id, trust_domain=node.trust_domain, **facts, ca_certificates=certificates
    )
    if row is not None:
        return _node(row), True
    way = await tx.fetchrow(IN_ITS_WAY, of_id=node.id, of_trust_domain=node.trust_domain)
    return _node(way), False


async def update_node(tx: Transaction, node: Node, version: int) -> Node | None:
    """Replace what is known of a node whose *version* it still is, 0 for any; None when it is not."""
    facts = {name: getattr(node, name) for name in _FACTS if name != "ca_certificates"}
    certificates = list(node.ca_certificates)
    row = await tx.fetchrow(UPDATE, of_id=node.id, of_version=version, **facts, ca_certificates=certificates)
    return _node(row) if row else None


async def lock_directory(tx: Transaction) -> None:
    await tx.fetchrow(LOCK_DIRECTORY)


async def get_home(tx: Transaction, facility: str) -> FacilityNode | None:
    row = await tx.fetchrow(CURRENT, of_facility=facility)
    return FacilityNode(**dict(row)) if row else None


async def insert_entry(tx: Transaction, entry: FacilityNode) -> int:
    """Write *entry* down, which `lock_directory` must precede; return its place."""
    sequence: int = await tx.fetchval(INSERT_ENTRY, **{name: getattr(entry, name) for name in _ENTRY})
    await apply_homes(tx, [entry.facility])
    return sequence


async def apply_homes(tx: Transaction, codes: Sequence[str]) -> None:
    """Let the list of facilities name the homes that the directory knows."""
    await tx.execute(APPLY_HOMES, codes=list(codes))


async def list_entries(tx: Transaction, after: int, limit: int) -> list[FacilityNode]:
    return [FacilityNode(**dict(row)) for row in await tx.fetch(ENTRIES, after=after, limit=limit)]
