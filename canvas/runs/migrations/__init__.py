"""Schema of the runs app."""
