"""A run in the file formats of other programs: a file of its own for each format, all fed from the same two passes.

The first pass over a recording (`survey`) learns what a file must say before its first span: names, tracks, processes,
when each request began and ended. The second gives the spans stretch by stretch (`stretches`), so that the memory does
not grow with the run. `places` says where a track stands, `target` writes a file that is whole or not there.
"""
