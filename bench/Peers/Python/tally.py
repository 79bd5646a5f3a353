"""What the tasks of all processes of one worker have seen: memory that they share."""

import time
from multiprocessing import Lock, RawArray, RawValue

ROOM = 100_000


class Tally:
    def __init__(self):
        self._lock = Lock()
        self._ran = RawValue('q')
        self._timed = RawValue('q')
        self._microseconds = RawArray('d', ROOM)
        self._first = RawValue('q', -1)
        self._last = RawValue('q', -1)
        self._began = RawValue('q')
        self._ended = RawValue('q')

    def ran_one(self, at):
        now = time.monotonic_ns()
        with self._lock:
            if at:
                self._microseconds[self._timed.value] = (now - at) / 1000
                self._timed.value += 1
            self._ran.value += 1
            if self._ran.value == self._first.value:
                self._began.value = now
            if self._ran.value == self._last.value:
                self._ended.value = now

    @property
    def ran(self):
        return self._ran.value

    def expect(self, first, last):
        self._first.value, self._last.value = first, last

    def drained(self, check):
        """The seconds between the two jobs that were to be watched for."""
        self._wait(lambda: self._ran.value >= self._last.value, check)
        return (self._ended.value - self._began.value) / 1e9

    def starts(self, jobs, check):
        """How long so many timed jobs took to start."""
        self._wait(lambda: self._timed.value >= jobs, check)
        with self._lock:
            microseconds = self._microseconds[:self._timed.value]
            self._timed.value = 0
        return microseconds

    # The processes that count note the times themselves: a look every few milliseconds is no part of them.
    @staticmethod
    def _wait(condition, check):
        while not condition():
            check()
            time.sleep(0.005)
