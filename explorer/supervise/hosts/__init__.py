"""One load, sent from the hosts of a cluster: a child of the session that stands for the load processes of all."""
