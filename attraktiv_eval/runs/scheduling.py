"""Sends jobs to one or many workers, on this machine or on a Dask cluster, and yields each as it is done.

Everything goes through joblib. A worker that dies takes its job with it; the jobs that are left are sent
again, and one that kills its worker every time is given up, so that it does not stop the rest.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from attraktiv_eval.errors import EvaluationError, ParameterError
from attraktiv_eval.resources import installing

__all__ = ["SchedulerLostError", "done_in_any_order", "given_up"]

ATTEMPTS = 3  # how often a job is sent when workers die
_LISTEN = 0.5  # seconds between looks at the cluster
_REACH = 10  # seconds until a scheduler that does not answer is given up


class SchedulerLostError(EvaluationError):
    """The Dask scheduler cannot be reached, or went away while jobs were out."""


class Job(Protocol):
    """A piece of work: its id tells it from the others."""

    @property
    def id(self) -> str: ...


def done_in_any_order(
    work: Callable[[Any], Any],
    jobs: Sequence[Any],
    *,
    workers: int = 1,
    scheduler: str | None = None,
) -> Iterator[tuple[Any, Any]]:
    """Yield each job with its result as soon as it is done.

    Parameters
    ----------
    work : callable
        A function of a module, so that a worker can import it. It should return its failures, not raise.
    jobs : sequence
        Each with an ``id`` of its own.
    workers : int
        Processes on this machine; 1 works in this process. Without meaning where a scheduler is given.
    scheduler : str, optional
        Address of a Dask scheduler, such as ``tcp://127.0.0.1:8786``; its workers need this package and
        the same files under the same paths.

    Yields
    ------
    (job, result)
        ``result`` is :func:`given_up` for a job whose workers died every time.

    Raises
    ------
    ParameterError
        If the number of workers is none, or a scheduler is given and Dask is not installed.
    SchedulerLostError
        If the scheduler cannot be reached or goes away. What was yielded stands.
    """
    if workers < 1:
        raise ParameterError(f"{workers} workers can do no work", remedy="give --workers 1 or more")
    if not jobs:
        return
    if scheduler is not None:
        yield from _on_cluster(work, jobs, scheduler)
    else:
        yield from _here(work, jobs, workers)


def given_up(result: Any) -> bool:
    """Return whether a job was given up because its worker died every time."""
    return isinstance(result, _GivenUp)


class _GivenUp:
    """Stands in the place of a result that never came."""


def _here(work: Callable[[Any], Any], jobs: Sequence[Any], workers: int) -> Iterator[tuple[Any, Any]]:
    """Work in processes of this machine; those left after a death go on two more rounds, then one by one."""
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    left = {job.id: job for job in jobs}
    for _attempt in range(ATTEMPTS - 1):
        try:
            call = delayed(_told)
            parallel = Parallel(n_jobs=workers, return_as="generator_unordered", batch_size=1)
            for id, result in parallel(call(work, job) for job in list(left.values())):
                yield left.pop(id), result
            return
        except TerminatedWorkerError:
            continue
    for job in list(left.values()):  # one at a time: only the job that kills its worker is lost
        try:
            [(_, result)] = Parallel(n_jobs=2, batch_size=1)([delayed(_told)(work, job)])
        except TerminatedWorkerError:
            result = _GivenUp()
        yield left.pop(job.id), result


def _told(work: Callable[[Any], Any], job: Any) -> tuple[str, Any]:
    """Do one job with no parallel work inside it, and say whose result this is."""
    from joblib import parallel_config

    with parallel_config(backend="sequential"):
        return job.id, work(job)


def _on_cluster(work: Callable[[Any], Any], jobs: Sequence[Any], address: str) -> Iterator[tuple[Any, Any]]:
    """Work on a Dask cluster; a thread waits for the results while this one watches the scheduler."""
    left = {job.id: job for job in jobs}
    with _client(address) as client:
        for _attempt in range(ATTEMPTS):
            arrived: queue.Queue[tuple[str, Any]] = queue.Queue()
            threading.Thread(
                target=_wait_for, args=(work, list(left.values()), client, arrived), daemon=True
            ).start()
            for kind, value in _watched(arrived, client, address):
                if kind == "result":
                    id, result = value
                    yield left.pop(id), result
            if not left:
                return
    for job in left.values():
        yield job, _GivenUp()


def _wait_for(
    work: Callable[[Any], Any], jobs: list[Any], client: Any, arrived: queue.Queue[tuple[str, Any]]
) -> None:
    """Put each result into the queue, and at the end how it ended."""
    from joblib import Parallel, delayed, parallel_config

    try:
        with parallel_config(backend="dask", client=client, wait_for_workers_timeout=30):
            parallel = Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch="all")
            for one in parallel(delayed(_told)(work, job) for job in jobs):
                arrived.put(("result", one))
    except BaseException as error:
        arrived.put(("broken", error))
    else:
        arrived.put(("end", None))


def _watched(arrived: queue.Queue[tuple[str, Any]], client: Any, address: str) -> Iterator[tuple[str, Any]]:
    """Yield what arrives till the end; a worker's death ends a round, the scheduler's ends the work."""
    while True:
        try:
            kind, value = arrived.get(timeout=_LISTEN)
        except queue.Empty:
            if not _alive(client):
                raise _lost(address) from None
            continue
        if kind == "broken" and not _is_death_of_worker(value):
            if isinstance(value, EvaluationError) or _alive(client):
                raise value
            raise _lost(address) from value
        if kind != "result":
            return
        yield kind, value


def _alive(client: Any) -> bool:
    comm = getattr(client, "scheduler_comm", None)
    closed = comm is None or comm.comm is None or comm.comm.closed()
    return client.status == "running" and not closed


def _is_death_of_worker(error: BaseException) -> bool:
    return type(error).__name__ == "KilledWorker"


def _lost(address: str) -> SchedulerLostError:
    return SchedulerLostError(
        f"the scheduler {address} went away",
        remedy="start it and run the same command again: what is done stands and is not done again",
    )


@contextmanager
def _client(address: str) -> Iterator[Any]:
    try:
        from distributed import Client
    except ImportError:
        raise ParameterError(
            "Dask is not installed, the extra cluster", remedy=installing("cluster")
        ) from None
    try:
        client = Client(address, timeout=_REACH, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise SchedulerLostError(
            f"the scheduler {address} cannot be reached ({error})",
            remedy="give the address that dask scheduler printed, such as tcp://127.0.0.1:8786",
        ) from None
    try:
        yield client
    finally:
        client.close(timeout=2)
