"""How connections are served: one file per server model."""
