"""What a statement reaches: tables of others, functions that do more than compute, files.

A schedule may come from anybody, and on a user's server nothing but her rights keeps a session to the lab's own tables.
So what is sent is refused unless it is known to stay there: in a list of tables no name may be qualified, and only
functions that are listed here may be called. The words are taken one by one; where a list of tables ends is told by
words alone that every engine reserves, so that no table or alias can be called like one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CALLS: Final = _words(
    """
    abs acos array_agg array_length asin atan atan2 avg benchmark bit_and bit_or bool_and bool_or cardinality cbrt
    ceil ceiling changes char char_length character_length coalesce concat concat_ws connection_id cos count
    cume_dist curdate current_date current_time current_timestamp curtime date date_trunc datetime dense_rank div
    every exp extract first_value floor generate_series get_lock greatest group_concat hex if ifnull iif instr
    is_free_lock is_used_lock isnull julianday lag last_insert_id last_insert_rowid last_value lead least left
    length ln localtime localtimestamp locate log log10 log2 lower ltrim max md5 min mod now nth_value ntile nullif
    octet_length ord percent_rank pg_advisory_lock pg_advisory_lock_shared pg_advisory_unlock pg_advisory_unlock_all
    pg_advisory_unlock_shared pg_advisory_xact_lock pg_advisory_xact_lock_shared pg_backend_pid pg_sleep
    pg_try_advisory_lock pg_try_advisory_lock_shared pg_try_advisory_xact_lock pg_try_advisory_xact_lock_shared
    pg_typeof position pow power quote radians rand random rank release_all_locks release_lock replace reverse right
    round row_count row_number rtrim sha1 sha2 sign sin sleep sqrt strftime string_agg strpos substr substring sum
    sysdate tan time timestamp timestampdiff to_char total total_changes trim trunc truncate txid_current typeof
    ucase unicode unix_timestamp unnest upper var_pop var_samp version
    """
)
"""Functions that compute, wait, or hold a lock by name: they reach neither tables of others, nor files or settings."""
_BEFORE_PARENTHESIS: Final = _words(
    """
    all and any array as between by case cast check conflict convert cross decimal default distinct else end except
    exists filter from having in inner intersect interval is join key lateral like limit materialized not numeric of
    offset on only or over partition primary recursive references returning row select set some then union unique
    using values varchar when where with within
    """
)
"""Words that may stand before a parenthesis and call nothing. Types are among them."""
_OPENS: Final = _words("FROM JOIN STRAIGHT_JOIN INTO UPDATE TABLE TABLES USING LOCK INSERT REPLACE DELETE MERGE")
"""After these comes a table, or a list of them."""
_CLOSES: Final = frozenset(("WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "SELECT"))
"""With these a list of tables is over: all engines reserve them."""
_WRITES: Final = frozenset(("INTO", "INSERT", "REPLACE"))
_NO_ALIAS: Final = frozenset(("ON", "RETURNING", "OFFSET", "FETCH", "WINDOW", "FOR"))
"""What stands after these is no longer a table with names for its columns in parentheses."""
_FILES: Final = ("OUTFILE", "DUMPFILE", "INFILE", "PROCEDURE")
_WORD: Final = r"[A-Za-z0-9_$\u0080-\U0010ffff]+"
_TOKEN: Final = re.compile(rf"(\d+(?:\.\d*)?(?![A-Za-z0-9_$\u0080-\U0010ffff.]))|({_WORD})|(\S)")
ELSEWHERE: Final = (
    "a schedule works on its own tables alone; name them without a schema or database before them."
)  # fmt: skip
Kind = Literal["number", "word", "name", "text", "sign"]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a statement. A `name` is a word in quotes, without them; what is in capitals is `upper`."""

    kind: Kind
    said: str

    @property
    def upper(self) -> str:
        """The word in capitals; empty for what is no bare word."""
        return self.said.upper() if self.kind == "word" else ""

    @property
    def is_word(self) -> bool:
        """Whether it may name something."""
        return self.kind in ("word", "name")


@dataclass(frozen=True, slots=True)
class _State:
    """Within which parentheses: whether a table may come (`listed`), whether one may come after a comma (`list`), after
    which word, and whether parentheses after a table are names for its columns.
    """

    listed: bool = False
    list: bool = False
    opener: str = ""
    alias: bool = False


def out_of_reach(sql: str, quoted: re.Pattern[str]) -> str:
    """Why a statement is not sent, as one sentence; empty if it stays with the lab's own. `quoted` is how an engine
    reads it: what is a text, a name in quotes, or a comment.
    """
    return _Walk(list(tokens(sql, quoted))).reason()


def calls(words: str) -> str:
    """The first function in a column's words that may not be called; empty if there is none."""
    found = [Token("sign", ""), *tokens(words, re.compile(r"(?!)"))]
    for before, one, after in zip(found, found[1:], found[2:], strict=False):
        if after.said == "(" and one.is_word and not _harmless(one) and before.upper != "REFERENCES":
            return one.said
    return ""


def tokens(sql: str, quoted: re.Pattern[str]) -> Iterator[Token]:
    """The statement piece by piece, without its comments."""
    at = 0
    for found in quoted.finditer(sql):
        yield from _bare(sql[at : found.start()])
        at, said = found.end(), found.group()
        if said[0] in '"`[':
            yield Token("name", said[1:-1])
        elif not said.startswith(("--", "#", "/*")):
            yield Token("text", "")
    yield from _bare(sql[at:])


def _bare(sql: str) -> Iterator[Token]:
    for number, word, sign in _TOKEN.findall(sql):
        yield Token("number" if number else "word" if word else "sign", number or word or sign)


def _harmless(one: Token) -> bool:
    name = one.said.lower()
    return name in CALLS or (one.kind == "word" and name in _BEFORE_PARENTHESIS)


class _Walk:
    """Goes through a statement once."""

    def __init__(self, found: Sequence[Token]) -> None:
        self._found = found
        self._outer: list[_State] = []
        self._state = _State()
        self._nothing = Token("sign", "")

    def reason(self) -> str:
        """See `out_of_reach`."""
        for at in range(len(self._found)):
            if reason := self._wrong(at):
                return reason
            self._step(at)
        return ""

    def _at(self, place: int) -> Token:
        return self._found[place] if 0 <= place < len(self._found) else self._nothing

    def _wrong(self, at: int) -> str:
        one, before, after = self._at(at), self._at(at - 1), self._at(at + 1)
        if one.upper in _FILES:
            return f"a step reads and writes tables alone; leave out {one.upper}."
        if one.upper in ("INDEX", "KEY") and after.upper == "FOR":
            return f"a step has no hints; leave out {one.upper} FOR."
        if one.said == "." and one.kind == "sign":
            three = self._at(at + 2).said == "." or (after.is_word and self._at(at + 2).said == "(")
            return ELSEWHERE if self._state.listed or three else ""
        if one.is_word and one.said.lower().startswith("pg_") and one.said.lower() not in CALLS:
            return ELSEWHERE if after.said != "(" else _refused(one)
        if one.is_word and after.said == "(" and before.said != "." and not self._may_stand(at):
            return _refused(one)
        return ""

    def _may_stand(self, at: int) -> bool:
        """Whether the word at this place may be followed by a parenthesis."""
        one, before, state = self._at(at), self._at(at - 1), self._state
        if _harmless(one):
            return True
        if state.listed and state.alias:
            return before.is_word and before.upper not in _OPENS - _WRITES | {"LATERAL", "ONLY"}
        if state.list or not (before.upper in ("WITH", "RECURSIVE") or before.said == ","):
            return False
        end = self._end(at + 1)
        return self._at(end + 1).upper == "AS" and any(
            self._at(end + more).said == "(" for more in (2, 3, 4)
        )  # names for the columns of a common table expression

    def _end(self, at: int) -> int:
        depth = 0
        for place in range(at, len(self._found)):
            depth += {"(": 1, ")": -1}.get(self._found[place].said, 0)
            if depth == 0:
                return place
        return len(self._found)

    def _step(self, at: int) -> None:
        one, state = self._at(at), self._state
        if one.kind == "sign" and one.said == "(":
            self._outer.append(state)
            self._state = _State(state.listed, state.listed, state.opener)
        elif one.kind == "sign" and one.said == ")":
            self._state = self._outer.pop() if self._outer else _State()
        elif one.kind == "sign" and one.said == ",":
            self._state = _State(state.list, state.list, state.opener, state.alias)
        elif one.upper:
            self._word(one.upper, self._at(at - 1).upper, self._at(at + 1).said)

    def _word(self, word: str, before: str, after: str) -> None:
        state = self._state
        ends = word in _CLOSES or (word == "SET" and state.opener in (*_WRITES, "UPDATE"))
        ends = ends or (word == "VALUES" and state.opener in _WRITES)
        if ends:
            self._state = _State()
        elif word in ("INSERT", "REPLACE") and after == "(":
            return  # the functions
        elif word == "UPDATE" and before in ("KEY", "DO", "THEN"):
            return
        elif word in _OPENS:
            self._state = _State(True, True, word, True)
        elif word in _NO_ALIAS:
            self._state = _State(state.listed and word != "ON", state.list, state.opener)


def _refused(one: Token) -> str:
    return (
        f"a step may call only functions that keep to its own tables, such as count or coalesce; leave out {one.said}."
    )
