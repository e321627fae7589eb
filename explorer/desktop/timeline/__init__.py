"""The timeline: one graphics item that paints every lane, its axis, its row headers and its selection."""
