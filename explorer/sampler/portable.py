"""Vitals of a process by psutil, for systems without a reader of their own (macOS, Windows; untried there).

Threads cannot be read on macOS without special rights; then there are no times by thread.
"""

import psutil

from explorer.sampler.reading import Gone, Reading, ThreadTimes


class PortableSubject:
    """One process, read by psutil."""

    def __init__(self, pid: int) -> None:
        """Raises `Gone` when there is no such process."""
        try:
            self._process = psutil.Process(pid)
        except psutil.Error as error:
            raise Gone from error

    def read(self) -> Reading:
        """Its figures now. Raises `Gone`."""
        process = self._process
        try:
            with process.oneshot():
                if process.status() == psutil.STATUS_ZOMBIE:
                    raise Gone
                times = process.cpu_times()
                return Reading(times.user + times.system, process.memory_info().rss, process.num_threads())
        except psutil.Error as error:
            raise Gone from error

    def thread_times(self) -> dict[int, ThreadTimes]:
        """Times by native thread id. Raises `Gone`."""
        try:
            threads = self._process.threads()
            return {thread.id: ThreadTimes(thread.user_time + thread.system_time, None) for thread in threads}
        except psutil.AccessDenied:
            return {}
        except psutil.Error as error:
            raise Gone from error

    def close(self) -> None:
        """Nothing is held."""
