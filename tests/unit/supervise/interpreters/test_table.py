"""What the command line says of interpreters."""

from dataclasses import replace

from explorer.supervise.interpreters.ask import Answer
from explorer.supervise.interpreters.find import Interpreter
from explorer.supervise.interpreters.table import as_data, as_text

GOOD = Answer((3, 13, 1), "3.13.1", "CPython", True, False, "", ("apsw",), "/opt/a", (), True, False, False)
BARE = replace(GOOD, free_threaded=False, gil=True, absent=("uvicorn",), prefix="/opt/b")
AGAIN = replace(GOOD, gil=True, switched_on_by="httptools")
FOUND = [Interpreter("/opt/a/python", "uv", GOOD), Interpreter("/opt/b/python", "system", BARE)]


def test_each_has_a_line_and_a_reason_below() -> None:
    assert as_text(FOUND).splitlines() == [
        "Python 3.13.1 · free-threaded   /opt/a/python  (uv)",
        "Python 3.13.1                   /opt/b/python  (system)",
        "    The package uvicorn is missing; install with: /opt/b/python -m pip install uvicorn",
    ]


def test_a_gil_that_came_back_is_said_below() -> None:
    assert "httptools switches the GIL" in as_text([Interpreter("/opt/a/python", "uv", AGAIN)]).splitlines()[1]


def test_the_machine_gets_the_same_as_data() -> None:
    good, bare = as_data(FOUND)

    assert (good["path"], good["version"], good["free_threaded"], good["gil"]) == (
        "/opt/a/python",
        "3.13.1",
        True,
        False,
    )
    assert (good["available"], good["reason"], good["missing"], good["command"]) == (True, None, [], None)
    assert (bare["available"], bare["missing"]) == (False, ["uvicorn"])
    assert bare["command"] == "/opt/b/python -m pip install uvicorn"
    assert bare["reason"].endswith(bare["command"])


def test_a_machine_without_any() -> None:
    assert as_text([]) == "No Python was found here."
    assert as_data([]) == []
