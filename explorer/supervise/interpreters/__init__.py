"""Which Pythons this machine has, and which of them can run the server."""
