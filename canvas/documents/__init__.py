"""A canvas at rest: its document, log, snapshots and projection."""
