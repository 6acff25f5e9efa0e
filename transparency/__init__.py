"""
Logs that cannot be rewritten unseen (nhật ký minh bạch): Merkle trees, and what is signed about them.

A library of its own, of arithmetic and text alone: who makes a proof and who verifies it use the same lines.
"""
