"""Labs with real servers."""
