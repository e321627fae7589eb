"""How packages are built: what can be tested without building one."""
