"""One small supervisor for every process of an installation: start, watch, restart, stop, leave no orphan."""
