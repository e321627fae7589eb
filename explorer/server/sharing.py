"""Why a workload whose requests share a lock cannot be combined with what lets them share nothing."""

from collections.abc import Mapping

ALONE = (
    "On a single event loop a handler that never awaits has nobody beside it, so that nobody ever waits for its lock; "
    "choose the thread pool."
)
PROCESSES = (
    "Processes share neither objects nor these locks, so that nobody would ever meet; "
    "choose the thread pool of one process."
)
INTERPRETERS = (
    "Interpreters share neither objects nor these locks, so that nobody would ever meet; "
    "choose the thread pool of one interpreter."
)
CONNECTIONS = (
    "Each connection would have a process, and so a lock, of its own; choose a model whose connections share a process."
)
ONE_LOOP = (
    "What an asyncio.Lock guards belongs to one event loop, and here every connection has one of its own; "
    "choose the event loop or prefork."
)
NO_TASKS = "It is about threads that meet at a lock, which coroutines of one loop do not; choose the thread pool."
NO_THREADS = "It is about coroutines of one event loop; choose the dispatch Coroutine."

AMONG_THREADS: Mapping[str, str] = {
    "dispatch.blocking_coroutine": ALONE,
    "dispatch.process_pool": PROCESSES,
    "dispatch.interpreter_pool": INTERPRETERS,
    "dispatch.cluster": PROCESSES,
    "model.process_per_connection": CONNECTIONS,
}
"""What workloads refuse whose requests meet as threads of one process."""

AMONG_TASKS: Mapping[str, str] = {
    "model.thread_per_connection": ONE_LOOP,
    "model.process_per_connection": CONNECTIONS,
}
"""What workloads refuse whose requests meet as coroutines of one event loop."""
