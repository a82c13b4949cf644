"""Online backup and restore of a town: one snapshot of every table, the files its rows name, the list of its keys.

A backup is a directory; it is whole when `manifest.json` is there, which is written last. docs/howto/备份和恢复.md.
"""
