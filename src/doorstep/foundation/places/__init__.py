"""The tree everything hangs on: city, town, village or community, estate, building, venue."""
