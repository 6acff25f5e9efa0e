"""The gRPC methods of routing, one file a resource; and what works behind them."""
