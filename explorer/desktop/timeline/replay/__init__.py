"""Playing a stretch of time again: its clock, its steps, its buttons."""
