"""A canvas being edited: frames, guard, rooms, hub and consumer."""
