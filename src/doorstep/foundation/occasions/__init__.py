"""Everything that happens at a time and a place."""
