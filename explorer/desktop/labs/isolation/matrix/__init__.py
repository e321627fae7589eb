"""The Matrix tab: level × anomaly for the engine at hand, each cell a run that was measured."""
