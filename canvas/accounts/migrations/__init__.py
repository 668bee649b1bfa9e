"""Schema of the accounts app."""
