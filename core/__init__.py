"""The core of musicrec: tables, models, training, evaluation, ranking, and the explorer in front of them."""

import os

# Torch's threads spin while they wait for each other. On all cores that makes it several times slower as soon as
# another process wants one of them; on half of them it loses little in quiet. Read when torch loads: set before.
# Compiled loops do not spin (`core.threads`).
if "OMP_NUM_THREADS" not in os.environ:
    _cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2
    os.environ["OMP_NUM_THREADS"] = str(max(1, _cores // 2))
    os.environ.setdefault("MUSICREC_THREADS", str(_cores))
