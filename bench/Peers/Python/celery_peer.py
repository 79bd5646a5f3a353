"""Celery as a peer: python3 celery_peer.py ADDRESS. It does what each line of its input asks for and answers with a line of JSON;
at the end of its input it stops, and says how many jobs have run here."""

import json
import os
import platform
import random
import signal
import sys
import time

os.environ['PEER_ADDRESS'] = sys.argv[1]

import celery  # noqa: E402
import redis  # noqa: E402

from callers import Callers  # noqa: E402
from celery_app import app, note, tally  # noqa: E402

# Arguments of 200 bytes of JSON. One text for all jobs: making it is not what is measured.
TEXT = 'x' * 182


class Peer:
    def __init__(self):
        self._callers = None
        self._worker = None

    def prepare(self):
        self._callers = Callers(lambda: note.apply_async((0, TEXT)))
        return {}

    def single(self, seconds, callers):
        jobs, took = self._callers.run(seconds, int(callers))
        return {'jobs': jobs, 'seconds': took}

    def rare(self, jobs, shortest, longest):
        """One job and then nothing for a while, so that each meets an idle system."""
        for _ in range(int(jobs)):
            note.apply_async((time.monotonic_ns(), TEXT))
            time.sleep(random.uniform(shortest, longest) / 1000)
        return {'jobs': int(jobs)}

    def work(self, warm_up=0, jobs=0):
        """Starts the worker; the clock runs from the job of this number to the last one. Without numbers the worker only starts."""
        tally.expect(int(warm_up), int(warm_up + jobs))
        self._worker = start_worker()
        return {'jobs': int(jobs), 'seconds': tally.drained(self._check) if jobs else 0}

    def starts(self, jobs):
        return {'microseconds': tally.starts(int(jobs), self._check)}

    def _check(self):
        if os.waitpid(self._worker, os.WNOHANG) != (0, 0):
            sys.exit('The worker ended.')

    def stop(self):
        if self._callers:
            self._callers.stop()
        if self._worker:
            # Celery's "warm shutdown": what was started is finished.
            os.kill(self._worker, signal.SIGTERM)
            os.waitpid(self._worker, 0)


def start_worker():
    """The worker is a process of its own with one child for each processor, which is its default; it shares the tally."""
    process = os.fork()
    if process == 0:
        # Its standard output is not for answers, and its input not for commands.
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
        try:
            app.worker_main(['worker', '--loglevel=ERROR', '--without-gossip', '--without-mingle', '--without-heartbeat'])
        finally:
            os._exit(0)
    return process


def answer(value):
    print(json.dumps(value), flush=True)


def main():
    peer = Peer()
    answer({'versions': {'Celery': celery.__version__, 'redis-py': redis.__version__, 'Python': platform.python_version()}})
    for line in sys.stdin:
        command, *numbers = line.split()
        answer(getattr(peer, command)(*map(float, numbers)))
    peer.stop()
    answer({'ran': tally.ran})


main()
