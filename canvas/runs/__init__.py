"""What ran and what runs: rows, advance, landing and sweep."""
