"""Properties checked on generated input."""
