"""Callers that enqueue at the same time, each its next job when the last is acknowledged."""

import os
import threading
import time
from multiprocessing import get_context

# As a web server of Python has them: several processes with a few threads each. Measured: 64 threads of one process keep each other from their one lock,
# and reach a quarter of the rate.
PROCESSES = 4


class Callers:
    def __init__(self, call):
        context = get_context('fork')
        self._pipes = []
        self._processes = []
        for _ in range(PROCESSES):
            ours, theirs = context.Pipe()
            process = context.Process(target=self._serve, args=(theirs, call), daemon=True)
            process.start()
            self._pipes.append(ours)
            self._processes.append(process)

    def run(self, seconds, callers):
        """Returns how many calls were made, and the seconds until the last one returned."""
        began = time.monotonic()
        for pipe in self._pipes:
            pipe.send((began + seconds, callers // PROCESSES))
        calls = sum(pipe.recv() for pipe in self._pipes)
        return calls, time.monotonic() - began

    def stop(self):
        for pipe, process in zip(self._pipes, self._processes):
            pipe.send(None)
            process.join()

    @staticmethod
    def _serve(pipe, call):
        while (turn := pipe.recv()) is not None:
            until, threads = turn
            calls = [0] * threads

            def loop(thread):
                while time.monotonic() < until:
                    call()
                    calls[thread] += 1

            running = [threading.Thread(target=loop, args=(thread,)) for thread in range(threads)]
            for thread in running:
                thread.start()
            for thread in running:
                thread.join()
            pipe.send(sum(calls))
        os._exit(0)
