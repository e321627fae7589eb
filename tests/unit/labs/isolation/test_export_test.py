"""The text of an exported test: valid Python for each engine, no URL, and only what a second run repeats."""

import ast
from dataclasses import replace

import pytest

from explorer.labs.isolation import library
from explorer.labs.isolation.export_test import as_pytest
from explorer.labs.isolation.trace import Trace
from explorer.option_error import OptionError
from tests.unit.labs.isolation.runs import Story, autocommit, recorded

SHIPPED = library.shipped()
RECORDED = recorded()
URL = "postgresql://ann:secret@db.example/bank"


def exported(engine: str, id: str, level: str) -> str:
    return as_pytest(SHIPPED[id], URL, level, RECORDED[engine, id, level])


def imports(text: str) -> set[str]:
    found: set[str] = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module))
    return found


def test_each_is_valid_python_and_needs_the_driver_alone() -> None:
    drivers = {"sqlite": "sqlite3", "postgresql": "psycopg", "mariadb": "pymysql"}
    for (name, id, level), trace in RECORDED.items():
        text = as_pytest(SHIPPED[id], URL, level, trace)
        needed = imports(text) - {"contextlib", "os", "secrets", "threading", "time", "urllib.parse", "pytest"}
        assert needed == {drivers[name.split()[0]]}, (name, id)
        assert "secret@" not in text
        assert "db.example" not in text
        assert "explorer" not in text
        assert max(map(len, text.split("\n"))) < 400


def test_it_says_what_was_observed_and_asserts_it() -> None:
    text = exported("postgresql", "P4", "REPEATABLE READ")
    assert "Observed on PostgreSQL 18" in text
    assert "refused: B must start" in " ".join(text.split())
    assert "assert happened(run) is False" in text
    assert "assert run.rows(1) == [(100,)]" in text
    assert "assert run.final['account'] == [('Ann', 150)]" in text
    assert "assert run.codes == ['40001']" in text
    assert "ISOLATION_TEST_URL" in text
    assert "def test_p4_at_repeatable_read(engine):" in text


def test_what_is_up_to_the_database_is_not_asserted() -> None:
    text = exported("postgresql", "lock_order_deadlock", "READ COMMITTED")
    assert "assert happened(run) is True" in text
    assert "assert run.codes" not in text
    assert "assert run.final" not in text


def test_a_statement_is_that_of_the_engine() -> None:
    trace = autocommit(SHIPPED["G2"])
    trace.facts = replace(trace.facts, engine="mariadb")
    assert "FROM DUAL" in as_pytest(SHIPPED["G2"], URL, "AUTOCOMMIT", trace)
    trace.facts = replace(trace.facts, engine="mysql")
    assert "FROM DUAL" in as_pytest(SHIPPED["G2"], URL, "AUTOCOMMIT", trace)
    trace.facts = replace(trace.facts, engine="sqlite")
    assert "FROM DUAL" not in as_pytest(SHIPPED["G2"], "sqlite://", "AUTOCOMMIT", trace)


def test_words_of_the_user_stay_words() -> None:
    odd = replace(SHIPPED["P4"], id='x"y', title='"""\nimport os\n"""', sentence='It said "\\n".')
    trace = autocommit(odd)
    module = ast.parse(as_pytest(odd, "sqlite://", "AUTOCOMMIT", trace))
    assert isinstance(module.body[0], ast.Expr)
    assert [node for node in module.body if isinstance(node, ast.Import) and node.names[0].name == "os"] == []


def test_a_run_without_an_end_cannot_be_exported() -> None:
    story = Story(SHIPPED["P4"], "READ COMMITTED", "postgresql").did(1, ((100,),))
    with pytest.raises(OptionError, match="run all steps first"):
        as_pytest(SHIPPED["P4"], URL, "READ COMMITTED", story.trace)
    stuck: Trace = story.over({"account": (("Ann", 100),)}, A="rolled back")
    stuck.stuck = "A waits for B, and B has no step left."
    with pytest.raises(OptionError, match="run all steps first"):
        as_pytest(SHIPPED["P4"], URL, "READ COMMITTED", stuck)
