"""The duel: runs side by side on one time axis, and the table of what differs."""
