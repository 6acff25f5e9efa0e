"""
The bare server of the floors: `python -m bench.echo_server TLS_FOLDER`.

grpc.aio on uvloop, one method that gives back the message it got; no layer, no
database, no log.  One port is plain, the other wants a client certificate.  It
writes its addresses as one line of JSON and ends when its stdin does.
"""

import asyncio
import json
import sys
from pathlib import Path

import grpc
from google.protobuf.wrappers_pb2 import StringValue

from .loop import run_with_uvloop

HOST = "127.0.0.1"
OPTIONS = (("grpc.so_reuseport", 0),)


async def echo(request: StringValue, context: object) -> StringValue:
    """Give it back."""
    return StringValue(value=request.value)


def handlers() -> grpc.GenericRpcHandler:
    """Return the one method, `/bench.Echo/Echo`."""
    method = grpc.unary_unary_rpc_method_handler(echo, StringValue.FromString, StringValue.SerializeToString)
    return grpc.method_handlers_generic_handler("bench.Echo", {"Echo": method})


def credentials(folder: Path) -> grpc.ServerCredentials:
    """Return what a service has: its certificate, and no answer without a client's."""
    ca, chain, key = ((folder / name).read_bytes() for name in ("ca.crt", "tls.crt", "tls.key"))
    return grpc.ssl_server_credentials([(key, chain)], ca, require_client_auth=True)


async def main() -> None:
    server = grpc.aio.server(handlers=[handlers()], options=OPTIONS)
    ports = {
        "echo": server.add_insecure_port(f"{HOST}:0"),
        "echo_tls": server.add_secure_port(f"{HOST}:0", credentials(Path(sys.argv[1]))),
    }
    await server.start()
    sys.stdout.write(json.dumps({name: f"{HOST}:{port}" for name, port in ports.items()}) + "\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await server.stop(None)


if __name__ == "__main__":
    run_with_uvloop(main())
