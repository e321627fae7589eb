"""The child's half of the control channel and its lifeline, used by every process the session starts.

`main` is what `python -m explorer child MODULE` runs; `channel` speaks with the parent; `lifeline` sees to it that no
child outlives its parent; `relay` passes the channel on to a server's own worker processes.
"""
