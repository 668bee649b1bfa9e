"""The live socket against a real server process."""
