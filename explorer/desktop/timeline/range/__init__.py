"""A chosen stretch of time."""
