"""Schema of the sharing app."""
