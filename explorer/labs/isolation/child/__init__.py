"""The isolation lab's child: a thread with a driver's connection for each session, and the runner that conducts them.

`process` takes the orders, `runner` carries out a schedule, `session` is one session's thread, `janitor` is the small
process that removes the lab's database when the child was killed.
"""
