"""Single-writer rings in mapped files: the way from an observed process to the collector."""
