"""What is known of a run, from its batches."""

from explorer.records.states import TrackKind
from tests.unit.labs.locks.stories import LOAD_LOOP, LOOP, REQUESTS, Story


def test_a_counter_is_summed_over_processes_and_its_first_value_is_its_beginning() -> None:
    story = Story()
    story.counter("meals", 0, 1, 2)
    story.counter("meals", 0, 5)
    evidence = story.evidence()
    assert evidence.number("meals") == 7
    assert evidence.values("meals") == [1, 2, 5]
    assert evidence.most("meals") == 5
    assert evidence.number("unheard of") == 0
    assert evidence.most("unheard of") == 0


def test_answers_are_counted_by_their_status() -> None:
    story = Story()
    story.answers(200, 3, until=1500)
    story.answers(503, 1)
    evidence = story.evidence()
    assert (evidence.asked, evidence.statuses[200], evidence.statuses[503]) == (4, 3, 1)
    assert evidence.seconds == 1.5
    assert evidence.last_ok == 1_500_000_000


def test_only_a_servers_loop_counts_and_only_while_the_load_goes_on() -> None:
    story = Story()
    story.load(100, 900)
    story.callback(0, 90)  # the app starts
    story.callback(200, 230)
    story.callback(300, 380, LOAD_LOOP)
    story.callback(910, 990)  # the app ends
    assert story.evidence().longest_callback_ms == 30


def test_the_tower_is_as_high_as_the_waits_that_overlap() -> None:
    story = Story()
    lock = story.track(TrackKind.LOCK, "self.lock")
    lanes = [story.track(TrackKind.THREAD, "worker", tid=tid) for tid in range(3)]
    story.waited(lock, 0, 10, lanes[0])
    story.waited(lock, 5, 20, lanes[1])
    story.waited(lock, 10, 30, lanes[2])  # begins when the first ends
    evidence = story.evidence()
    waits = evidence.waits(evidence.locks("lock"))
    assert evidence.tower(waits) == 2
    assert evidence.tower([]) == 0
    assert evidence.longest_ms(waits) == 20
    assert evidence.in_order(waits)


def test_who_overtakes_is_not_in_order() -> None:
    story = Story()
    lock = story.track(TrackKind.LOCK, "tokens")
    lanes = [story.track(TrackKind.THREAD, "worker", tid=tid) for tid in range(2)]
    story.waited(lock, 0, 20, lanes[0])
    story.waited(lock, 5, 10, lanes[1])
    evidence = story.evidence()
    assert not evidence.in_order(evidence.waits(evidence.locks()))


def test_locks_are_found_by_what_they_are_assigned_to_and_waits_by_their_line() -> None:
    story = Story()
    lock, other = story.track(TrackKind.LOCK, "self.lock"), story.track(TrackKind.LOCK, "A")
    lane = story.track(TrackKind.THREAD, "worker", tid=7)
    story.waited(lock, 0, 1, lane, "convoy/body.py:12")
    story.waited(lock, 2, 3, lane, "convoy/body.py:112")
    story.held(other, 0, 4, lane)
    for name in ("self.lock 2", "self.task_lock", "lock"):
        story.track(TrackKind.LOCK, name)
    evidence = story.evidence()
    assert [each.name for each in evidence.locks("lock")] == ["self.lock", "self.lock 2", "lock"]
    assert len(evidence.locks()) == 5
    assert len(evidence.waits(evidence.locks(), "body.py:12")) == 1
    assert [evidence.length_ms(hold) for hold in evidence.holds(evidence.locks("A"))] == [4]


def test_a_task_that_waits_does_not_keep_its_loop_a_thread_does() -> None:
    story = Story()
    lock = story.track(TrackKind.LOCK, "lock")
    story.waited(lock, 0, 10, REQUESTS, task=5)
    story.waited(lock, 20, 50, LOOP)
    evidence = story.evidence()
    assert [evidence.length_ms(wait) for wait in evidence.on_loops(evidence.waits(evidence.locks()))] == [30]
