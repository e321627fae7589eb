"""Instruments inside the observed process; each writes records into a ring and never stops the server."""
