"""Workload: a threading.Lock in an async def."""
