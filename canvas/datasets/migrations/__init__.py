"""Schema of the datasets app."""
