"""The lifeline: no child outlives its parent, however that ended. One file per system."""
