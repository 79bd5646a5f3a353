"""FastAPI as a peer: python3 fastapi_peer.py PORT. It stops at the end of its input."""

import os
import platform
import json
import signal
import sys
import threading

import fastapi
import uvicorn


def stop_with_parent():
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


# The parent process only watches over its workers.
if __name__ == '__main__':
    versions = {'FastAPI': fastapi.__version__, 'uvicorn': uvicorn.__version__, 'Python': platform.python_version()}
    print(json.dumps({'versions': versions}), flush=True)
    threading.Thread(target=stop_with_parent, daemon=True).start()
    # "Server Workers" of FastAPI's documentation: one process for each processor. uvloop and httptools are what uvicorn[standard] brings.
    uvicorn.run(
        'fastapi_app:app', host='127.0.0.1', port=int(sys.argv[1]), workers=os.cpu_count(),
        loop='uvloop', http='httptools', access_log=False, log_level='warning')
