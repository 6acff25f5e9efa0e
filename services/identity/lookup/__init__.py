"""Looking persons up by a number that was shown: the key, the one statement, its batches."""
