"""Schema of the documents app."""
