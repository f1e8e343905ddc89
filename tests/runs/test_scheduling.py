"""Work on one or many workers: every job once, in any order, and a death that does not stop the rest."""

from __future__ import annotations

import os
import sys

import pytest
from slow_jobs import Task, square

from attraktiv_eval.errors import ParameterError
from attraktiv_eval.runs import portfolio
from attraktiv_eval.runs.portfolio import SchedulerLostError, done_in_any_order, given_up


@pytest.fixture(autouse=True)
def _workers_find_the_jobs(monkeypatch):
    here = os.path.dirname(__file__)  # noqa: PTH120
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([here, os.environ.get("PYTHONPATH", "")]))


def tasks(n: int, **other) -> list[Task]:
    return [Task(f"t{k}", k, **other) for k in range(n)]


def test_one_worker_does_every_job_once():
    found = [(job.id, result) for job, result in done_in_any_order(square, tasks(5))]
    assert found == [(job.id, square(job)) for job in tasks(5)]


def test_no_jobs_are_no_work():
    assert list(done_in_any_order(square, [])) == []


def test_no_worker_can_do_no_work():
    with pytest.raises(ParameterError, match="0 workers"):
        list(done_in_any_order(square, tasks(1), workers=0))


def test_two_workers_give_the_same_to_the_last_digit():
    found = {job.id: result for job, result in done_in_any_order(square, tasks(6), workers=2)}
    assert found == {job.id: square(job) for job in tasks(6)}


def test_a_scheduler_that_is_not_there_is_said_in_one_line(monkeypatch):
    monkeypatch.setattr(portfolio, "_REACH", 1)
    with pytest.raises(SchedulerLostError, match="cannot be reached"):
        list(done_in_any_order(square, tasks(1), scheduler="tcp://127.0.0.1:9"))


@pytest.mark.prove
@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_a_worker_that_dies_costs_only_its_round(tmp_path):
    jobs = [*tasks(4, seconds=0.2), Task("deadly", 9, deadly=str(tmp_path / "once"))]
    found = {job.id: result for job, result in done_in_any_order(square, jobs, workers=2)}
    assert found == {job.id: square(Task(job.id, job.n)) for job in jobs}


@pytest.mark.prove
@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_a_job_that_always_kills_its_worker_is_given_up_and_the_rest_is_done():
    jobs = [*tasks(3), Task("deadly", 9, deadly="always")]
    found = {job.id: result for job, result in done_in_any_order(square, jobs, workers=2)}
    assert given_up(found.pop("deadly"))
    assert found == {job.id: square(job) for job in tasks(3)}


@pytest.fixture
def cluster():
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as made:
        yield made


@pytest.mark.prove
def test_a_cluster_gives_the_same_to_the_last_digit(cluster):
    done = done_in_any_order(square, tasks(6), scheduler=cluster.scheduler_address)
    assert {job.id: result for job, result in done} == {job.id: square(job) for job in tasks(6)}


@pytest.mark.prove
@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_a_cluster_goes_on_when_a_worker_is_killed_in_the_middle(cluster):
    import signal

    jobs = tasks(8, seconds=0.5)
    pids = [worker.pid for worker in _processes(cluster)]
    found = {}
    for job, result in done_in_any_order(square, jobs, scheduler=cluster.scheduler_address):
        found[job.id] = result
        if len(found) == 2:
            os.kill(pids[0], signal.SIGKILL)
    assert found == {job.id: square(Task(job.id, job.n)) for job in jobs}


@pytest.mark.prove
def test_a_scheduler_that_goes_away_ends_the_work_and_keeps_what_is_done():
    from distributed import LocalCluster

    made = LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    )
    found = {}
    with pytest.raises(SchedulerLostError, match="went away"):
        for job, result in done_in_any_order(
            square, tasks(30, seconds=0.5), scheduler=made.scheduler_address
        ):
            found[job.id] = result
            if len(found) == 2:
                made.close()
    assert 2 <= len(found) < 30
    assert all(result == square(Task(id, int(id[1:]))) for id, result in found.items())


def _processes(cluster):
    return [nanny.process for nanny in cluster.workers.values()]
