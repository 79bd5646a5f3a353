"""The task, and the settings that Celery's guide "Optimizing" has for many short tasks."""

import os

from celery import Celery

from tally import Tally

tally = Tally()
app = Celery('peers', broker=os.environ['PEER_ADDRESS'], set_as_current=True)
app.conf.update(
    # Nobody reads the results: "Ignore results you don't want", in the guide to tasks.
    task_ignore_result=True,
    # "Prefetch Limits": a large number, say 128, for many short tasks.
    worker_prefetch_multiplier=128,
    worker_disable_rate_limits=True,
    # "Broker Connection Pools": as many as threads that use one.
    broker_pool_limit=16,
)


@app.task(name='note')
def note(at, text):
    tally.ran_one(at)
