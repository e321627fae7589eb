"""What statements are called: never by what they are about."""

import pytest

from explorer.probe.statements import statement_name


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("SELECT balance FROM account WHERE id = ?", "SELECT account"),
        ("select * from\n  public.account a", "SELECT account"),
        ('UPDATE "bank"."account" SET balance = 1', "UPDATE account"),
        ("INSERT INTO account (id) VALUES (1)", "INSERT account"),
        ("DELETE FROM ONLY account", "DELETE account"),
        ("CREATE TABLE IF NOT EXISTS account (id INTEGER)", "CREATE account"),
        ("SELECT pg_sleep(%(seconds)s)", "SELECT pg_sleep"),
        ("COMMIT", "COMMIT"),
        ("  -- note FROM secret\n/* FROM secret */ BEGIN IMMEDIATE", "BEGIN"),
        ("SELECT 'x FROM secret', 1", "SELECT"),
        ("SELECT 'it''s FROM secret' FROM account", "SELECT account"),
        ("SELECT E'it\\'s FROM secret' FROM account", "SELECT"),
        ("SELECT 'C:\\', ' FROM secret'", "SELECT"),
        ("SELECT $tag$ FROM secret $tag$ FROM account", "SELECT account"),
        ("WITH a AS (SELECT 1) SELECT * FROM a", "WITH"),
        ("LISTEN changes", "LISTEN changes"),
        ("", "statement"),
        ("123", "statement"),
        (f"SELECT 1 FROM {'a' * 200}", f"SELECT {'a' * 53}"),
    ],
)
def test_a_statement_has_a_verb_and_a_table(statement: str, name: str) -> None:
    assert statement_name(statement) == name
