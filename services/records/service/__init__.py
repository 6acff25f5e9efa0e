"""The gRPC methods of records, one file a resource: read, ask, decide by the model, answer."""
