"""The imports: a stream of batches, read, checked and written."""
