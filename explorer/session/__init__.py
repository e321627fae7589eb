"""One run from start to stop: it owns the listener, starts the children, collects, stores and records."""
