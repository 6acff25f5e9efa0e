"""The stack of one machine: embedded PostgreSQL, development authority, supervisor, trace collector."""
