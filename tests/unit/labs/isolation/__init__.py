"""Isolation lab: schedules, what they show, and what is said about it."""
