"""The window: the only folder that imports Qt. It shows what a session tells it and decides nothing about a run."""
