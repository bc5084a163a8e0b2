"""Run jobs, each in a process of its own, and print which files under src/ each one opened from its first moment on.

Nothing of the project is imported before the hook is in place, so the press's own modules are seen too. Libraries are
imported once and shared by forking: they are not under src/.
"""

import json
import os
import pickle
import sys
from importlib.util import source_from_cache

src, opened = sys.argv[1], set()


def hook(event, args):
    if event == "open" and isinstance(args[0], str | bytes):
        path = os.path.abspath(os.fsdecode(args[0]))
        if path.startswith(src + os.sep):
            opened.add(source_from_cache(path) if path.endswith(".pyc") else path)


sys.addaudithook(hook)
os.environ["MPLBACKEND"] = "agg"
import matplotlib.pyplot  # noqa: E402, F401
import numpy  # noqa: E402, F401
import torch  # noqa: E402

torch.set_num_threads(1)
assert not opened, "a library opened a project file"
sys.path.insert(0, src)
for name, pickled in pickle.load(sys.stdin.buffer).items():
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        job = pickle.loads(pickled)  # imports press.worker
        from press.worker import Failure, run

        outcome = run(job)
        assert not isinstance(outcome, Failure), outcome
        print(json.dumps([name, sorted(os.path.relpath(path, src) for path in opened)]), flush=True)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert status == 0, name
