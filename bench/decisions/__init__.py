"""The decisions at the size of a city, each beside something everybody knows the cost of."""
