"""Listens to PostgreSQL on a thread and a connection of its own: a report comes whenever it comes."""

import logging
import select
import socket
import threading
from typing import Final

import psycopg
from sqlalchemy import make_url

from explorer.server.engines import ANSWER_WITHIN_S
from explorer.server.workloads.db_events.changes import Changes
from explorer.server.workloads.db_events.place import Place

logger: Final = logging.getLogger(__name__)


class Listener:
    """Hands reports on to `changes` until `close`. Raises `psycopg.Error` when it cannot begin."""

    def __init__(self, place: Place, changes: Changes) -> None:
        assert place.pool is not None
        url = make_url(place.pool.url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._changes = changes
        self._connection = psycopg.connect(url, autocommit=True, connect_timeout=ANSWER_WITHIN_S)
        self._connection.execute(f"LISTEN {place.channel}")
        self._wake, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._listen, name="listens to the database", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more."""
        self._wake.close()
        self._thread.join()
        self._woken.close()
        self._connection.close()

    def _listen(self) -> None:
        try:
            while True:
                ready, _, _ = select.select([self._connection.fileno(), self._woken.fileno()], [], [])
                if self._woken.fileno() in ready:
                    return
                for report in self._connection.notifies(timeout=0):
                    self._changes.report(report.payload)
        except (psycopg.Error, OSError) as error:
            logger.warning("The database reports no more changes: %s", str(error).strip().partition("\n")[0])
        finally:
            self._changes.give_up()
