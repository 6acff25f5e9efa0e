"""The application of the MESH sandbox, with mailboxes for 64 pairs in the memory of its store, and no log."""

import logging

from mesh_sandbox.api import app
from mesh_sandbox.models.mailbox import Mailbox
from mesh_sandbox.store.canned_store import CannedStore

__all__ = ["app"]

MAX_PAIRS, PASSWORD = 64, "password"


def mailbox_id(number: int) -> str:
    return f"X26MB{number:03}"


def mailboxes(_: CannedStore) -> dict[str, Mailbox]:
    """Return what the store begins with, in place of its three mailboxes."""
    return {
        mailbox_id(number): Mailbox(
            mailbox_id=mailbox_id(number),
            mailbox_name=f"Mailbox {number}",
            billing_entity="England",
            ods_code="X26",
            org_code="X26",
            password=PASSWORD,
        )
        for number in range(MAX_PAIRS + 1)
    }


CannedStore._load_mailboxes = mailboxes
logging.getLogger("mesh-sandbox").setLevel(logging.ERROR)
