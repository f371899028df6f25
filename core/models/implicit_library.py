"""The library implicit: what trains ALS and BPR. Runs that it trained need it no more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

from musicrec.core.errors import MusicrecError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from musicrec.core.dataset import Dataset


@contextmanager
def ready(model: str) -> Iterator[None]:
    """Have implicit there and the linear algebra below it on one thread, since implicit brings threads of its own.

    Raises MusicrecError, naming what to install, where the library is missing.
    """
    try:
        import implicit.cpu  # noqa: F401
        from threadpoolctl import threadpool_limits
    except ImportError as error:
        raise MusicrecError(f"{model} is trained by the library implicit: pip install 'musicrec[implicit]'") from error
    with threadpool_limits(1, "blas"):
        yield


def training_plays(data: Dataset) -> csr_matrix:
    """Count the training plays of every listener (rows) and song (columns): float32 (L, S)."""
    import numpy as np
    from scipy.sparse import csr_matrix

    past, shape = data.past("validation").songs, (data.listener_count, data.song_count)
    keys, counts = torch.unique(past.row_ids() * shape[1] + past.values, return_counts=True)
    rows, columns = (keys // shape[1]).numpy(), (keys % shape[1]).numpy()
    return csr_matrix((counts.numpy().astype(np.float32), (rows, columns)), shape=shape)
