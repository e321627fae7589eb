"""The demonstration window: a small window in a process of its own, whose Qt loop also serves the app."""
