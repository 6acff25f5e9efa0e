"""The fault matrix of messages: one row a fault, each judged by the checker that reads the history."""
