"""Rings that lie in plain memory, for tests that need no file."""

from explorer.ring import layout, mapped


def ring_memory(capacity: int, form: int = layout.RECORDS) -> bytearray:
    """The memory of an empty ring with room for `capacity` records, slots or rows."""
    memory = bytearray(layout.HEADER_SIZE + layout.data_size(form, capacity))
    mapped.write_header(memory, form, capacity)
    return memory
