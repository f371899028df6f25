"""The core of musicrec: tables, models, training, evaluation, ranking, and the explorer in front of them."""

import os

# OpenMP threads that spin while they wait make torch many times slower as soon as another process wants the same cores.
# Read when torch loads, so it must be set before.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
