"""The start page: lessons, scenarios, labs and recent runs as cards, and the way to free exploration."""
