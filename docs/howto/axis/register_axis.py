"""
Register a provincial axis, and let facilities live there; again for further facilities.

    python docs/howto/axis/register_axis.py truc-ha-noi https://truc.example truc-ca.pem 01004 01007

`truc-ca.pem` has the authorities that certify its web server (PEM, at most 8).
"""

import asyncio
import ssl
import sys
from pathlib import Path
from uuid import uuid4

from lientuyen.identity.v1.node_pb2 import Node
from lientuyen.identity.v1.node_service_pb2 import ListNodesRequest, MoveFacilityRequest, RegisterNodeRequest
from lientuyen_client import Client, ServiceError, connect

END = "-----END CERTIFICATE-----"


async def main(name: str, url: str, authorities: str, *facilities: str) -> None:
    async with connect("operator/dev") as client:
        listed = (await client.nodes.ListNodes(ListNodesRequest(page_size=500))).nodes
        here = next(node.name for node in listed if node.here)
        axis = Node(
            name=f"//identity.lientuyen/nodes/{name}",
            display_name=name,
            kind=Node.KIND_BATCH_API,
            # Nobody calls us from there: a name that no node has is enough.
            trust_domain=f"{name}.invalid",
            ca_certificates=certificates(authorities),
            address=url,
        )
        try:
            await client.nodes.RegisterNode(RegisterNodeRequest(request_id=str(uuid4()), node=axis))
        except ServiceError as error:
            if error.reason != "ERROR_REASON_NODE_REGISTERED":
                raise
        for code in facilities:
            await move(client, code, here)  # nobody else's yet, so ours
            await move(client, code, axis.name)
            print(code, "→", name)


def certificates(text: str) -> list[bytes]:
    pems = text.split(END)[:-1]
    return [ssl.PEM_cert_to_DER_cert(pem[pem.index("-----BEGIN") :] + END) for pem in pems]


async def move(client: Client, code: str, node: str) -> None:
    facility = f"//identity.lientuyen/facilities/{code}"
    request = MoveFacilityRequest(request_id=str(uuid4()), facility=facility, node=node)
    await client.nodes.MoveFacility(request)


asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]).read_text(), *sys.argv[4:]))
