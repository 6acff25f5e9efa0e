"""Messages of the contract ↔ models; nothing else."""
