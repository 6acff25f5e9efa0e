"""The gRPC methods, one file a resource: read, one transaction, ask, answer."""
