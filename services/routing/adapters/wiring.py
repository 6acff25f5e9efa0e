"""The adapter of a far system, made from its entry in the directory and the files of its account."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from chassis.logs import log

from ..peers.transports import Transport
from .batch_account import read_account, read_password
from .batch_api import BatchApi
from .batch_client import BatchClient, tls_context


def batch_transport(
    folder: Path | None, node: str, address: str, authorities: Sequence[bytes]
) -> Transport | None:
    """Return the way to *node*, a batch API at the URL *address*; None, said in the log, without an account.

    *folder* has `<node>.json` and `<node>.password`.  *authorities* (DER) certify the server's name.
    """
    try:
        if folder is None:
            raise FileNotFoundError("no folder of adapters")
        account = read_account(folder, node)
        context = tls_context(address, authorities)
    except (OSError, ValueError) as error:
        log.error("a far system cannot be spoken to", node=node, fault=type(error).__name__)
        return None
    return BatchApi(
        node, account, BatchClient(address, account, partial(read_password, folder, node), context)
    )
