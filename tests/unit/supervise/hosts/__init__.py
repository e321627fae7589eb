"""One load from several hosts, without any host."""
