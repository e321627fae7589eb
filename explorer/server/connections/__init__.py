"""Connections that have a thread or a process of their own: what is below the models of those names."""
