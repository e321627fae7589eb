"""What the lab does not send, and that nothing hides it: engines differ in what is a text, a name or a comment."""

import pytest

from explorer.labs.isolation.statements import fault


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SELECT 1 AS [']; ATTACH 'x' AS x; SELECT '1'", "one statement"),
        ("SELECT $$'$$; DROP TABLE x; SELECT '1'", "one statement"),
        ("SELECT $a$'$a$; DROP TABLE x; SELECT '1'", "one statement"),
        ("SELECT E'\\''; DROP TABLE x; SELECT '1'", "one statement"),
        ("SELECT 1 # '\n; DROP TABLE x # '", "one statement"),
        ('SELECT a FROM"other"."users"', "own tables"),
        ("SELECT a FROM`other`.`users`", "own tables"),
        ("SELECT * FROM(other.users)", "own tables"),
        ("SELECT * FROM (account CROSS JOIN other.users)", "own tables"),
        ("SELECT 1 FROM account AS a (x, y), other.users", "own tables"),
        ("SELECT '\\'' FROM mysql.user WHERE 'a'='", "own tables"),
        ("SELECT 5--(SELECT a FROM mysql.user)", "own tables"),
        ("LOCK TABLES other.users WRITE", "own tables"),
        ("DELETE FROM account /*!50000 , mysql.user */", "exclamation mark"),
        ("SELECT 1 /*M! INTO OUTFILE '/tmp/x' */", "exclamation mark"),
    ],
)
def test_what_reaches_further_is_refused_however_it_is_hidden(sql: str, says: str) -> None:
    assert says in fault(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a.x, b.y FROM account a, account b WHERE a.x = b.y",
        "SELECT a.x FROM account AS a JOIN account AS b ON a.x = b.x",
        "UPDATE account SET balance = (SELECT max(a.balance) FROM account a)",
        "SELECT 'a;b', 'it''s; fine' FROM account -- here; too",
        'SELECT "a;b" FROM account',
        "SELECT ARRAY[1, 2]",
        "SELECT '100 %; #1' FROM account WHERE owner LIKE '%ä%';",
        "SELECT balance FROM account WHERE owner = 'Ann' FOR UPDATE",
    ],
)
def test_what_only_looks_like_it_is_sent(sql: str) -> None:
    assert fault(sql) == ""
