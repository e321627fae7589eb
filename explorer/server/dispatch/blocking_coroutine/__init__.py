"""Dispatch: an async def that blocks its loop."""
