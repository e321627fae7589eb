"""The spans and counters of a run in memory, bounded, oldest dropped first, ready to be drawn."""
