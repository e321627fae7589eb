"""A lesson in the window: look, predict, run, reveal, try; the run is a real one, in the middle of the page."""
