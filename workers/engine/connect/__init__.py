"""What lies outside: guarded addresses, fetched files, databases; each read once and kept as a snapshot."""
