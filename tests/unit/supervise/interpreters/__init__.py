"""Finding Pythons and asking them, without a server."""
