"""Facts and rules of routing.  Pure: no clock, no I/O; time comes in as an argument."""
