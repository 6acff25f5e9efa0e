"""Queues of others, driven by an interpreter that has them (`bench.mailboxes`), and nothing of ours."""
