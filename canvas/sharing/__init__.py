"""Links and grants that let people into a canvas."""
