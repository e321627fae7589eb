"""File › Open app: which app of the user's own is served, what surrounds it, what is asked of it."""
