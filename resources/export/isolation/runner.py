"""Part of an exported test: sends the steps one after the other, each session on a connection of its own."""

import threading
import time

LIMIT_S = 30.0
CONTROLS = ("BEGIN", "COMMIT", "ROLLBACK")


class Statement:
    """One statement on its way. `rows` is what it read, `count` the rows it changed, `code` its error."""

    def __init__(self, place, sql):
        self.place, self.sql = place, sql
        self.rows = self.count = self.code = None
        self.ended = threading.Event()


class Session:
    """A connection; `flying` is the statement it is busy with."""

    def __init__(self, engine, level, retries):
        self.engine, self.level, self.retries = engine, level, retries
        self.connection = engine.connect(level)
        self.flying = None
        self.new, self.open, self.broken, self.committed = True, False, False, False
        self.first = 0
        self.kept = {}

    def send(self, place, sql):
        """Start a statement; BEGIN goes before the session's first. After a COMMIT it needs a BEGIN of its own."""
        self.flying = Statement(place, sql)
        statements = [sql]
        if self.level != "AUTOCOMMIT" and (self.new or sql == "BEGIN"):
            statements = [self.engine.begin(self.level)] + ([] if sql == "BEGIN" else [sql])
            self.new, self.open, self.first = False, True, place
        threading.Thread(target=self._work, args=(self.flying, statements), daemon=True).start()

    def _work(self, statement, statements):
        try:
            for sql in statements:
                statement.rows, statement.count = self.engine.execute(self.connection, sql)
        except self.engine.Error as error:
            statement.code = self.engine.code(error)
            statement.rows = statement.count = None
        finally:
            statement.ended.set()


class Run:
    """Runs the schedule once. `steps` are (session, sql, keep, must_change); `retries` by session.

    A step whose session still waits is sent as soon as the session is free. After an error what is left of the
    transaction is not sent, and its COMMIT becomes a ROLLBACK. With retries it is rolled back and begun anew.
    """

    def __init__(self, engine, level, steps, retries):
        self.engine, self.level, self.steps = engine, level, steps
        self.sessions = {name: Session(engine, level, count) for name, count in retries.items()}
        self.results = {}
        self.codes, self._refused = [], []
        self.final = {}
        self._todo = list(range(len(steps)))

    def all(self, tables):
        """Run it, and read these tables afterwards."""
        try:
            while self._todo or self._flying():
                place = next((one for one in self._todo if self._of(one).flying is None), None)
                if place is None:
                    self._wait_for_one()
                else:
                    self._todo.remove(place)
                    self._step(place)
                    self._settle()
            for session in self.sessions.values():
                if session.open:
                    self.engine.execute(session.connection, "ROLLBACK")
            self.final = {name: sorted(self.engine.table(name), key=repr) for name in tables}
        finally:
            for session in self.sessions.values():
                self.engine.close(session.connection)
        return self

    def rows(self, step):
        """What a step (from 1) returned, in an order that does not depend on the database."""
        found = self.results.get(step - 1)
        return sorted(found.rows, key=repr) if found is not None and found.rows is not None else None

    def count(self, step):
        """How many rows a step changed."""
        found = self.results.get(step - 1)
        return found.count if found is not None else None

    def committed(self, *names):
        """Whether the last transaction of each of these sessions was committed."""
        return all(self.sessions[name].committed for name in names)

    def refused(self, name):
        """Whether the database refused a statement of this session, which could succeed if it is tried again."""
        return any(code for who, code in self._refused if who == name and self.engine.refuses(code))

    def _of(self, place):
        return self.sessions[self.steps[place][0]]

    def _flying(self):
        return [session for session in self.sessions.values() if session.flying is not None]

    def _step(self, place):
        session, sql = self._of(place), self.steps[place][1]
        control = sql if sql in CONTROLS else ""
        if self.level == "AUTOCOMMIT":
            if control:
                return
        elif session.broken:
            if control not in ("COMMIT", "ROLLBACK"):
                return
            if not session.open:
                session.broken = False
                return
            sql = "ROLLBACK"
        for name, value in session.kept.items():
            sql = sql.replace("{" + name + "}", self.engine.literal(value))
        session.send(place, sql)

    def _settle(self):
        """Wait until each statement under way has ended, or is known to wait for another session."""
        since = time.monotonic()
        while True:
            moved = [session for session in self._flying() if session.flying.ended.is_set()]
            for session in moved:
                self._take(session)
            if moved:
                since = time.monotonic()
            elif all(self.engine.waits(session.connection, time.monotonic() - since) for session in self._flying()):
                return
            else:
                time.sleep(0.005)
            assert time.monotonic() - since < LIMIT_S, "A statement does not end."

    def _wait_for_one(self):
        """All that is left belongs to sessions that wait: one of them must go on, as after a deadlock."""
        deadline = time.monotonic() + LIMIT_S
        while not any(session.flying.ended.is_set() for session in self._flying()):
            assert time.monotonic() < deadline, "These steps cannot finish: everybody waits."
            time.sleep(0.005)
        self._settle()

    def _take(self, session):
        one, session.flying = session.flying, None
        self.results[one.place] = one
        name, sql, keep, must_change = self.steps[one.place]
        if one.code is not None:
            self.codes.append(one.code)
            self._refused.append((name, one.code))
            session.committed = False
            if self.level != "AUTOCOMMIT" and self.engine.refuses(one.code) and session.retries:
                self._again(session, name)
            elif self.level != "AUTOCOMMIT" and self.engine.ends(session.connection, one.code):
                session.broken = sql not in ("COMMIT", "ROLLBACK")
                session.open = session.broken
            return
        if one.sql in ("COMMIT", "ROLLBACK"):
            session.committed = one.sql == "COMMIT"
            session.open = session.broken = False
        elif self.level == "AUTOCOMMIT":
            session.committed = True
        if keep:
            session.kept[keep] = one.rows[0][0] if one.rows else None
        if must_change and one.count == 0:
            if session.retries:
                self._again(session, name)
            elif self.level != "AUTOCOMMIT":
                self.engine.execute(session.connection, "ROLLBACK")
                session.open, session.broken, session.committed = False, True, False

    def _again(self, session, name):
        """Roll back, and send the steps of this transaction once more before anything else."""
        session.retries -= 1
        if self.level != "AUTOCOMMIT":
            self.engine.execute(session.connection, "ROLLBACK")
        own = [place for place, step in enumerate(self.steps) if step[0] == name and place >= session.first]
        end = next((place for place in own if self.steps[place][1] in ("COMMIT", "ROLLBACK")), own[-1])
        own = [place for place in own if place <= end]
        self._todo = own + [place for place in self._todo if place not in own]
        session.new, session.open, session.broken = self.steps[own[0]][1] != "BEGIN", False, False
