"""Schedules as files: what is shipped, what is written reads back, and each mistake has its file, line and sentence."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.labs.isolation import library, toml
from explorer.labs.isolation.parts import line_of
from explorer.labs.isolation.schedule import Condition, Schedule, Session, Step, Table
from explorer.option_error import OptionError

ANOMALIES = [
    "G0", "G1a", "G1b", "G1c", "OTV", "G-single", "G-single-pred", "G-single-write", "PMP", "PMP-write", "P4",
    "G2-item", "G2", "G2-three",
]  # fmt: skip
CURES = [
    "for_update", "atomic_update", "retry", "version_column", "skip_locked", "advisory_lock", "begin_immediate",
]  # fmt: skip

GOOD = """\
id = "mine"
title = "Mine"

[[table]]
name = "account"
columns = ["owner varchar(20)", "balance integer"]
rows = [
  ["Ann", 100],
  ["Bob", { null = true }],
]

[[session]]
name = "A"
title = "One"

[[session]]
name = "B"
title = "Other"

[[step]]
session = "A"
sql = "SELECT balance FROM account WHERE owner = 'Ann'"
keep = "seen"

# B comes between.
[[step]]
session = "B"
sql = \"\"\"
UPDATE account
SET balance = 1\"\"\"

[[step]]
session = "A"
sql = "UPDATE account SET balance = {seen} + 1 WHERE owner = 'Ann'"

[[happened]]
reads = { 1 = [[100]] }
committed = ["A"]
"""


def test_all_are_shipped_in_their_order_and_read_back_as_they_are_written() -> None:
    shipped = library.shipped()
    assert list(shipped) == [*ANOMALIES, "lock_order_deadlock", *CURES]
    assert {id for id, one in shipped.items() if one.kind == "cure"} == set(CURES)
    for schedule in shipped.values():
        assert toml.parse(toml.write(schedule)) == schedule
        assert schedule.sentence.endswith(".")
        assert schedule.cures in ("", *ANOMALIES)


def test_each_file_is_called_by_its_id() -> None:
    assert {path.stem for path in library.folder().glob("*.toml")} == set(library.shipped())
    for name, schedule in library.shipped().items():
        assert library.named(name) == schedule


def test_a_name_that_is_not_shipped_gets_the_nearest() -> None:
    assert library.named("P4").title == "Lost update"
    with pytest.raises(OptionError, match="Did you mean 'G2-item'"):
        library.named("G2-itm")


def test_null_is_read_and_written() -> None:
    schedule = toml.parse(GOOD)
    assert schedule.tables[0].rows == (("Ann", 100), ("Bob", None))
    assert toml.parse(toml.write(schedule)) == schedule


WORDS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(title=WORDS, note=WORDS, cell=WORDS, who=WORDS, number=st.integers(-(2**62), 2**62), retries=st.integers(0, 9))
def test_whatever_words_it_holds_it_reads_back(
    title: str, note: str, cell: str, who: str, number: int, retries: int
) -> None:
    schedule = Schedule(
        id="x",
        title=title + ".",
        group=note,
        sentence=who,
        tables=(Table("t", ("k varchar(20)", "v integer"), ((cell, number), (cell + "'", None))),),
        sessions=(Session("A", who, retries), Session("B", note)),
        steps=(
            Step("A", "SELECT v FROM t -- " + cell.replace("\n", " ").replace("{", ""), keep="v"),
            Step("B", "DELETE FROM t WHERE k = 'x'", instead={"mysql": "DELETE FROM t"}, must_change=True),
            Step("A", "COMMIT"),
        ),
        happened=(Condition(reads={1: ((number,),)}, counts={2: 1}, not_final={"t": ()}, aborted=("B",)),
                  Condition(final={"t": ((cell, 1),)})),
        serial=({"t": ((cell, None),)}, {}),
        number=("SELECT 1", note),
        order=number % 7,
        note=note,
    )  # fmt: skip
    assert toml.parse(toml.write(schedule)) == schedule


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ('id = "mine"\n', "", 1, "id is missing"),
        ('title = "Mine"', "title = 3", 2, "title must be words in quotes"),
        ('title = "Mine"', 'title = "Mine"\ncolour = "red"', 3, "there is no 'colour' here"),
        ('name = "account"', 'name = "my account"', 5, "no name for a table"),
        ('"balance integer"', '"balance"', 6, "its name and its type"),
        ('["Ann", 100]', '["Ann", 100, 1]', 7, "row 1 of account has 3 values; it needs 2"),
        ('["Ann", 100]', '["Ann", 1.5]', 7, "row 1 holds a value that is neither words nor a whole number"),
        ('["Bob", {', '["Ann", {', 7, "is its key"),
        ('name = "B"', 'name = "A"', 17, "two sessions 'A'"),
        ('session = "B"', 'session = "C"', 27, "there is no session 'C'. Known are: A, B."),
        ("SET balance = 1", "SET balance = 1; COMMIT", 28, "a step is one statement"),
        ("UPDATE account\nSET balance = 1", "DROP TABLE account", 28, "a step cannot begin with DROP"),
        ("UPDATE account\nSET balance = 1", "DELETE FROM public.users", 28, "works on its own tables alone"),
        ("UPDATE account\nSET balance = 1", "COMMIT", 28, "leave out this COMMIT"),
        ("UPDATE account\nSET balance = 1", "START TRANSACTION", 28, "write BEGIN, COMMIT and ROLLBACK alone"),
        ("{seen}", "{sean}", 34, "no earlier step of A keeps 'sean'"),
        ("reads = { 1 =", "reads = { 9 =", 37, "there is no step 9; the steps are 1 to 3"),
        ("reads = { 1 =", "reads = { first =", 37, "'first' is no number of a step"),
        ('committed = ["A"]', 'committed = ["D"]', 38, "there is no session 'D'"),
        ('committed = ["A"]', "final = { acount = [] }", 38, "there is no table 'acount'. Did you mean 'account'?"),
    ],
)
def test_each_mistake_is_named_with_file_line_and_what_to_do(
    tmp_path: Path, old: str, new: str, line: int, sentence: str
) -> None:
    assert GOOD.count(old) >= 1
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(OptionError) as caught:
        toml.read(path)
    assert str(caught.value).startswith(f"{path}, line {line}: ")
    assert sentence in str(caught.value)
    assert str(caught.value)[-1] in ".?]"


def test_what_is_no_schedule_at_all_gets_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    with pytest.raises(OptionError, match="There is no file"):
        toml.read(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(OptionError, match="is no text"):
        toml.read(path)
    path.write_text('id = "x\n', encoding="utf-8")
    with pytest.raises(OptionError, match=r"mine.toml is not valid TOML: .*line 1.* Correct that line"):
        toml.read(path)
    path.write_text("#" * 100_001, encoding="utf-8")
    with pytest.raises(OptionError, match="too long for a schedule"):
        toml.read(path)
    path.write_text("x = " + "[" * 50_000, encoding="utf-8")
    with pytest.raises(OptionError, match="nests its values too deeply"):
        toml.read(path)
    with pytest.raises(OptionError, match="cannot be read"):
        toml.read(tmp_path)


def test_a_line_is_found_whatever_stands_around_it() -> None:
    text = 'a = """\n[[step]]\n"""\n\n[[step]]\nx = 1 # [[step]]\n[[step]]\ny = [\n1,\n2]\n[step.z]\nk = 1\n'
    assert line_of(text, ("step", 0)) == 5
    assert line_of(text, ("step", 0, "x")) == 6
    assert line_of(text, ("step", 1, "y")) == 8
    assert line_of(text, ("step", 1, "z", "k")) == 12
    assert line_of(text, ("step", 1, "missing")) == 7
    assert line_of(text, ()) == 1


def test_a_statement_of_many_lines_does_not_hold_the_search_up() -> None:
    """Trying each of its lines as its end read half of a gigabyte again and again, and took minutes."""
    text = "x = 1\n[[step]]\ny = [\n" + "1,\n" * 20_000 + "]\nz = 1\n"
    assert line_of(text, ("step", 0, "y")) == 3
    assert line_of(text, ("step", 0, "z")) == 3


def test_a_schedule_that_was_edited_is_checked_as_a_file_is() -> None:
    good = library.named("P4")
    assert toml.checked(good) is good
    steps = (good.steps[0], replace(good.steps[1], sql="UPDATE account SET balance = {other}"), *good.steps[2:])
    with pytest.raises(OptionError, match=r"^Step 2: no earlier step of B keeps 'other'"):
        toml.checked(replace(good, steps=steps))
    with pytest.raises(OptionError, match=r"^Nothing says when the anomaly happened"):
        toml.checked(replace(good, happened=()))
