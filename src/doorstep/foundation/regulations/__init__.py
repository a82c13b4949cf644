"""规则库: every threshold, deadline, term and frequency as dated data with its source, and the calendar of workdays."""
