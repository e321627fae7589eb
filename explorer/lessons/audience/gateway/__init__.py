"""The gateway: the one process of the explorer that the local network may reach, and only in audience mode.

    phone ── http ── routes ── room ── live ──▶ phone          what a phone may ask for, and what it is told
                        └───── forward ──▶ server on loopback  its one request, numbered and written down

`http` keeps every connection small and short, `limits` every phone and every address slow, `room` all that is known:
in memory, bounded, gone with the process. `process` puts it together. Nothing here imports Qt or NumPy, and nothing
here writes an address down.
"""
