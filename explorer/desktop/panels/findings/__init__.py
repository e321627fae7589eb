"""What was found in a run: a list of cards, and the button that opens it."""
