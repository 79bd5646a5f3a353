"""FastAPI's own BackgroundTasks behind uvicorn. Tasks are async functions, as its page has them for work that does not block."""

import os
import time

from fastapi import BackgroundTasks, FastAPI
from pydantic import BaseModel

app = FastAPI()
starts = []


class Note(BaseModel):
    at: int
    text: str


async def run(note: Note):
    starts.append(time.monotonic_ns())


@app.post('/note')
async def add(note: Note, tasks: BackgroundTasks):
    tasks.add_task(run, note)
    return {'message': 'noted'}


@app.get('/ran')
async def ran():
    """How many tasks this process has run, and when the last ones of them started."""
    return {'process': os.getpid(), 'ran': len(starts), 'starts': starts[-1000:]}
