"""Rows of unequal length do what lists of lists do."""

from __future__ import annotations

from itertools import pairwise

import torch
from hypothesis import given
from hypothesis import strategies as st

from musicrec.core.ragged import Ragged, blocks, offsets_of, spans

Rows = list[list[int]]
rows_of = st.lists(st.lists(st.integers(-5, 50), max_size=6), max_size=8)


def _lists(ragged: Ragged) -> Rows:
    bounds = ragged.offsets.tolist()
    return [ragged.values[start:end].tolist() for start, end in pairwise(bounds)]


@given(rows_of)
def test_rows_go_in_and_come_out(rows: Rows) -> None:
    ragged = Ragged.of(rows)
    assert _lists(ragged) == rows
    assert len(ragged) == len(rows)
    assert ragged.lengths.tolist() == [len(row) for row in rows]
    assert ragged.row_ids().tolist() == [number for number, row in enumerate(rows) for _ in row]
    assert _lists(ragged.to(torch.device("cpu"))) == rows


@given(rows_of.filter(bool), st.data())
def test_rows_are_gathered_in_any_order_and_twice(rows: Rows, data: st.DataObject) -> None:
    index = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=10))
    gathered = Ragged.of(rows).rows(torch.tensor(index, dtype=torch.int64))
    assert _lists(gathered) == [rows[number] for number in index]


@given(rows_of.filter(bool), st.data())
def test_prefixes(rows: Rows, data: st.DataObject) -> None:
    index = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=10))
    lengths = [data.draw(st.integers(0, len(rows[number]))) for number in index]
    wanted = [rows[number][:length] for number, length in zip(index, lengths, strict=True)]
    found = Ragged.of(rows).prefixes(torch.tensor(index, dtype=torch.int64), torch.tensor(lengths, dtype=torch.int64))
    assert _lists(found) == wanted


@given(rows_of, st.data())
def test_keep_and_count(rows: Rows, data: st.DataObject) -> None:
    ragged, total = Ragged.of(rows), sum(map(len, rows))
    mask = data.draw(st.lists(st.booleans(), min_size=total, max_size=total))
    flags = iter(mask)
    wanted = [[value for value in row if next(flags)] for row in rows]
    chosen = torch.tensor(mask, dtype=torch.bool)
    assert _lists(ragged.keep(chosen)) == wanted
    assert ragged.count(chosen).tolist() == [len(row) for row in wanted]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5)), max_size=8))
def test_spans(pairs: list[tuple[int, int]]) -> None:
    starts = torch.tensor([start for start, _ in pairs], dtype=torch.int64)
    lengths = torch.tensor([length for _, length in pairs], dtype=torch.int64)
    assert spans(starts, lengths).tolist() == [start + step for start, length in pairs for step in range(length)]
    assert offsets_of(lengths).tolist() == [sum(lengths.tolist()[:row]) for row in range(len(pairs) + 1)]


@given(st.integers(0, 50), st.integers(-1, 60))
def test_blocks_cover_everything_once_in_order(count: int, size: int) -> None:
    found = [block.tolist() for block in blocks(count, size)]
    assert [number for block in found for number in block] == list(range(count))
    assert all(0 < len(block) <= max(size, 1) for block in found)
