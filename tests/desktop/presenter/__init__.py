"""The lecture on the wall."""
