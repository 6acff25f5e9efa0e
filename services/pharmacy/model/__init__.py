"""Facts and rules of prescriptions: pure.  Time comes in as an argument; nothing here does I/O."""
