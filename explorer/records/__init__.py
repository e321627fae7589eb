"""The language both ends of a ring speak: record layout, kinds, states, names, clock."""
