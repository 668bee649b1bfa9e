"""One file for each family of marks; `workers.engine.mark.marks` finds them all."""
