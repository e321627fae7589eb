"""Looks at processes from outside: CPU, memory and threads, without running code in them."""
