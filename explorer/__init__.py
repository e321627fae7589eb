"""Concurrency Explorer: a real web server under real load, live on one timeline.

The trip of a record, which is also the order in which to read the packages:

1. Inside an observed process the *probe* (``explorer.probe``) sees something end: a callback of the event loop, a
   request, a function in a pool. It packs 48 bytes, declared in ``explorer.records``, into a *ring*
   (``explorer.ring``): a mapped file with a single writer, which never waits and overwrites the oldest record.
2. The process joined its run through ``EXPLORER_RUN`` in its environment: it left a note of who it is, declared its
   names once and renamed its rings into the run folder. ``explorer.child`` is its end of the control channel;
   ``explorer.supervise`` in the session's process is the other.
3. The *collector* (``explorer.collect``) scans the run folder, polls all rings, sorts by time what several rings say
   about one track, and counts what was lost: read + lost = written, always.
4. It hands rows to the *store* (``explorer.store``), bounded memory that can be drawn, and to the *recording*
   (``explorer.recording``), Arrow streams on disk.
5. The *session* (``explorer.session``) is the run from start to stop. The command line and the window
   (``explorer.desktop``, the only folder that imports Qt) both drive one, and show what it tells them.

What is observed is put together from three choices: how connections are served (``explorer.server.models``), where a
handler's work runs (``explorer.server.dispatch``) and what it does (``explorer.server.workloads``). A lab
(``explorer.labs``) puts a question to such a run, to one job cut into tasks or to transactions on a database, and
judges by what was seen.
"""

__version__ = "0.1.0"
