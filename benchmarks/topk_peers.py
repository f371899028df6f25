"""The sides of `topk.py` that are other programs: `topk_peers.py faiss|implicit SONGS QUERIES`; prints a JSON line."""

from __future__ import annotations

import json
import sys
import time

import numpy as np

HEARD, FACTORS, WARM = 50, 64, 5


def main(side: str, songs: int, queries: int) -> None:
    """Answer every query and print what it took."""
    draw = np.random.default_rng(7)
    listeners = queries + WARM
    of_listeners = draw.standard_normal((listeners, FACTORS), dtype=np.float32)
    of_songs = draw.standard_normal((songs, FACTORS), dtype=np.float32)
    if side == "faiss":
        import faiss

        index = faiss.IndexFlatIP(FACTORS)
        index.add(of_songs)

        def answer(listener: int) -> object:
            return index.search(of_listeners[listener : listener + 1], 10)
    else:
        from implicit.als import AlternatingLeastSquares
        from scipy.sparse import csr_matrix

        model = AlternatingLeastSquares(factors=FACTORS, use_gpu=False)
        model.user_factors, model.item_factors = of_listeners, of_songs
        heard = draw.integers(songs, size=(listeners, HEARD))
        rows = np.repeat(np.arange(listeners), HEARD)
        ones = np.ones(rows.size, np.float32)
        plays = csr_matrix((ones, (rows, heard.ravel())), shape=(listeners, songs))

        def answer(listener: int) -> object:
            return model.recommend(listener, plays[listener], N=10)

    times = []
    for listener in range(listeners):
        started = time.perf_counter()
        answer(listener)
        if listener >= WARM:
            times.append((time.perf_counter() - started) * 1000)
    times.sort()
    said = {"p50": times[len(times) // 2], "p95": times[int(len(times) * 0.95)]}
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
