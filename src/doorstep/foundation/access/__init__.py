"""Who may see what: the Viewer, audience keys, the access log. Knows no person and no mechanism, only ids and keys."""
