"""The data files of the regulations."""
