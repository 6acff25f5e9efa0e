"""
routing: who must get it, and did they.

Owns mailboxes and their messages, referrals, re-examination slips, record
requests, and the signed receipts of what happened.  Promises that a message it
took is delivered in order until it is acknowledged, and that its sender can
prove both.  Asks identity which facilities exist and who may ask for whose
records, and records what it holds of them; knows persons by resource name only,
and keeps every body encrypted.
"""
