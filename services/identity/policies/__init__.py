"""What servicers share or delegate: checks, who may read, merges, the known facilities, the open reviews."""
