"""The one place that starts and ends children.

`spawn` starts one, `channel` is the parent's half of its control channel, `listener` binds the socket that outlives
servers, `checks` says in one sentence what could not work before anything starts, and `supervisor` holds a session's
children together.
"""
