"""Messages ↔ models; nothing else.  Missing in a model is absent in a message."""
