"""
The insurance portal (cổng giám định BHYT): which cards a person has, by its word or as last known.

A check asks `gateway` (fresh answers, one question for all who ask at once, stale answers), which
asks `breaker` (so many at once, none while the portal is down), which asks `client` (HTTP);
`reply` reads what came.  What the portal said goes into our register (`store`), and who got an
unconfirmed answer is looked up again by `reverification`.
"""
