"""Chinese full text over registered kinds: own tokens, one code path on SQLite (FTS5) and PostgreSQL (GIN), the right to see inside the query."""
