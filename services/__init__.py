"""The services: identity, records, routing, pharmacy.  Four folders, the same rooms in each."""
