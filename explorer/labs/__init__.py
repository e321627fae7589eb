"""Labs: one thing at a time, on the same server, timeline and recording as everything else."""
