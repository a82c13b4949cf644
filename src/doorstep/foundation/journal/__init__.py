"""The append-only record of every domain write, and that a write happens once."""
