"""The inspector's page of one request."""
