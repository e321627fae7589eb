"""Finding names, routes and requests in a run."""
