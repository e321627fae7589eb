"""The parts of the window around the timeline: setup, load, metrics, inspector, events, code."""
