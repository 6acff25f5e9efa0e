"""
Identity: who a person is, whether they are covered, whose leave is needed (định danh, thẻ BHYT, sự đồng ý).

Owns persons, insurance coverage, facilities, practitioners and consents.  The
only service that holds names and national numbers.  Promises that a number or
a name never leaves it but in the answer to whoever may ask, that each read of
a person leaves a row in the access log, and that what no rule allows is denied.
Calls no other service.
"""
