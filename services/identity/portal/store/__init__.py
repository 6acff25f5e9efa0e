"""The portal's queries.  One function a query; each takes the open transaction first."""
