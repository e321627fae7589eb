"""Dispatch: an async def that awaits."""
