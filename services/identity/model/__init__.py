"""
Who a person is, whether they are covered, whose leave is needed: the facts and the rules.

Pure: no clock, no I/O, no random.  The day comes in as an argument.  The
enumerations carry the numbers of the contract, so that `convert` only casts.
"""
