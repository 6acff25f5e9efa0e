"""The vocabulary of the domain that services share, in six files: no more of them, and nobody's tables."""
