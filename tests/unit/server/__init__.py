"""Features, parts and app of the server, in this process."""
