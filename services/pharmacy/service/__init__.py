"""The gRPC methods, a file a service of the contract; thin."""
