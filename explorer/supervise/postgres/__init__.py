"""A PostgreSQL server of our own: where its programs are, how it is started so that it never outlives us, its child."""
