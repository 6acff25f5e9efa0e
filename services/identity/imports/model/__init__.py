"""The rows, what is wrong with them and whom they are about.  Pure."""
