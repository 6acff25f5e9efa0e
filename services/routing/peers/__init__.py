"""Whom routing asks besides the client that services share: the directory of facilities of identity."""
