"""Units of the web side."""
