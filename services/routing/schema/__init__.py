"""
The tables of routing.

Nothing here says who a person is: `person` columns hold resource names, bodies are sealed.
"""

from chassis.archives.kinds import Dependent, Kind

from .columns import metadata
from .mailbox import mailbox_shares, message_sequence, messages, pieces, receipts
from .nodes import arrivals, facility_homes, far_receipts, handovers, node_links
from .receipt_log import log_heads, log_nodes, log_queue, signing_keys, witnessed_heads
from .record_requests import record_request_holders, record_requests
from .slips import appointments, consultations, referrals

__all__ = [
    "ARCHIVED",
    "appointments",
    "arrivals",
    "consultations",
    "facility_homes",
    "far_receipts",
    "handovers",
    "log_heads",
    "log_nodes",
    "log_queue",
    "mailbox_shares",
    "message_sequence",
    "messages",
    "metadata",
    "node_links",
    "pieces",
    "receipts",
    "record_request_holders",
    "record_requests",
    "referrals",
    "signing_keys",
    "witnessed_heads",
]

# What may leave by the month beside the access log (docs/retention.md): messages whose life and body have
# ended, with their receipts.  One that nobody has acknowledged or stopped stays.
ARCHIVED = (
    Kind(
        "messages",
        messages,
        "accept_time",
        months_kept=12,
        may_leave=(
            "state IN ('acknowledged', 'stopped') AND remove_time IS NOT NULL AND restore_time IS NULL"
        ),
        dependents=(
            Dependent(receipts, "message_id"),
            Dependent(arrivals, "message_id"),
            Dependent(handovers, "message_id"),
            Dependent(far_receipts, "message_id"),
        ),
    ),
)
