"""The inspector's page of a chosen stretch of time."""
