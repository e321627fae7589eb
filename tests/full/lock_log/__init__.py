"""A log of locks that a test keeps by itself, in the server's process; see `sitecustomize`."""
