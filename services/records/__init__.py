"""
What is known of a person: dossiers, results, the health book.

Owns the files that facilities send under QĐ 4750 and QĐ 3176, kept byte for byte and
sealed, and the history made from them.  Promises that a faulty file is refused with
every fault named and leaves nothing of a patient behind, and that no name or national number rests
outside a sealed original.  Calls identity (who is this, may this be read), and through
its outbox routing (a transfer slip becomes a referral); asks pharmacy and routing for
their part of the health book.
"""
