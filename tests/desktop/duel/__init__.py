"""The duel in the window."""
