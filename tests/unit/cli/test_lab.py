"""The command `lab parallelism`: what cannot be done is one sentence, before anything starts."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from explorer.cli.lab import lab


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--job", "x"), "There is no job 'x'. Known are: mandelbrot, matrix, primes, text."),
        (("--runner", "threads,fork"), "There is no runner 'fork'."),
        (("--workers", "many"), "'many' names no numbers of workers"),
        (("--start-method", "clone"), "parallelism.start_method (Start method) cannot be used"),
        (("--travel", "mail"), "parallelism.travel (Arguments) cannot be used"),
        (("--record", "x.txt"), "x.txt would not open as a recording; give a name that ends in .cxrec."),
        (("--json", "/nowhere/at/all.json"), "does not exist. Create it or choose another file."),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    words: tuple[str, ...], sentence: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    done = CliRunner().invoke(lab, ["parallelism", *words])
    assert (done.exit_code, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert line.startswith("concurrency-explorer: ")
    assert sentence in line
    assert not list(tmp_path.iterdir())
