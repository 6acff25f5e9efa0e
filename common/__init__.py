"""The vocabulary of the domain that services share, in five files: no more of them, and nobody's tables."""
