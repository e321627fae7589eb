"""A text that a spreadsheet would compute gets an apostrophe, and no other text does."""

import pytest

from explorer.export.cells import harmless


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ('=HYPERLINK("http://a","b")', '\'=HYPERLINK("http://a","b")'),
        ("+1", "'+1"),
        ("-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1", "'  =1"),
        ("\uff1d1", "'\uff1d1"),
        ("GET /a;=1;b", "GET /a;'=1;b"),
        ("GET /a\n=1", "GET /a\n'=1"),
        ("GET /a\t@b", "GET /a\t'@b"),
        ("GET /a; =1", "GET /a;' =1"),
        ("\t=1", "'\t'=1"),
        (";=1", "';'=1"),
    ],
)
def test_what_would_be_computed_gets_an_apostrophe(text: str, cell: str) -> None:
    assert harmless(text) == cell


@pytest.mark.parametrize("text", ["", "GET /a=1", "json.dumps", "a + b", "user@host", "'=1", "SELECT 1; SELECT 2", ";"])
def test_other_text_stays(text: str) -> None:
    assert harmless(text) == text


def test_a_million_blanks_are_no_work() -> None:
    blanks = "\t" * 1_000_000  # it would take hours to look at the rest from each of them
    assert harmless(blanks) == blanks
