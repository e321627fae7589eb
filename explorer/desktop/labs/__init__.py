"""The labs in the window: a page each, in the place of the whole window."""
