"""Pure decisions: the dates of a series, who is next in line, what overlaps, whether a check-in counts."""
