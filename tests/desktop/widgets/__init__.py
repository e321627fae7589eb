"""The theme and the reusable widgets."""
