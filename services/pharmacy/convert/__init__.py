"""Messages to models and back; nothing else."""
