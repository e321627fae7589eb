"""From rings to rows: scans a run folder, polls its rings, puts records in order and gives lanes."""
