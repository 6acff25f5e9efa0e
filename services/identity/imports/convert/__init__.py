"""Messages to models.  Pure."""
