"""Outbox, inbox and what is told to whom."""
