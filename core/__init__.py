"""The core of musicrec: tables, models, training, evaluation, ranking, and the explorer in front of them."""

import os

# Torch's threads spin while they wait for each other. On all cores that makes it several times slower as soon as
# another process wants one of them; on half of them it loses little in quiet. Read when torch loads: set before.
os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 2) // 2)))
