"""The insurance portal (cổng giám định BHYT): which cards a person has, by its word or as last known."""
