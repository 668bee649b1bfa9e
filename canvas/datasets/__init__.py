"""Uploads and the tokens that name their bytes."""
