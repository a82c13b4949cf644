"""Persons and how they sign in. What is written of units and posts stands in organisations."""
