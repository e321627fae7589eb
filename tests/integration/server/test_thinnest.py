"""The thinnest whole: a server in a child, over the channel, from `ready` to `stopped`."""

from tests.integration.server.conftest import Serve


def test_a_server_answers_at_job_and_stops_when_told(serve: Serve) -> None:
    running = serve("workload.seconds=0.01")
    assert running.get("/job") == (200, '{"answer":"done"}')
    ready = running.of("ready")[0]
    assert ready["pids"] == [running.child.pid]
    assert ready["url"] == running.supervisor.url

    running.child.stop(1.0)

    assert running.child.wait(10) == 0
    assert running.messages[-1] == {"type": "stopped"}


def test_the_steps_of_the_start_come_with_their_times(serve: Serve) -> None:
    running = serve("workload.seconds=0.01")

    steps = running.of("step")

    names = ["Interpreter started", "FastAPI imported", "App built", "Waiting for the first answer"]
    assert [step["name"] for step in steps] == names
    assert all(step["seconds"] >= 0 for step in steps)
