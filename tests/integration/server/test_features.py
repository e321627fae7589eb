"""What a server does besides its plain combinations, which `test_matrix` tries."""

import pytest

from tests.integration.server.conftest import Serve


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("http", ["httptools", "h11"])
def test_every_loop_and_parser_answers(serve: Serve, loop: str, http: str) -> None:
    running = serve(f"server.loop={loop}", f"server.http={http}", "workload.seconds=0.001")

    assert running.get()[0] == 200


def test_a_second_workload_answers_beside_the_first(serve: Serve) -> None:
    running = serve("workload.seconds=0.001", also=({"workload": {"id": "mixed", "wait": 0.001}, "share": 0.5},))

    assert running.get("/job")[0] == 200
    assert running.get("/also/1/job") == (200, '{"answer":"done"}')
    assert running.get("/also/2/job")[0] == 404


def test_file_io_leaves_no_file_behind(serve: Serve) -> None:
    running = serve("workload.id=file_io", "workload.kilobytes=8")
    running.get()
    run = running.run
    assert [path.is_dir() for path in run.glob("files-*")] == [True]

    running.child.stop(5)
    running.child.wait(20)

    assert list(run.glob("files-*")) == []
