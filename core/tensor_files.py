"""Tensors in files as safetensors lays them out: a header of JSON, then their bytes. Nothing in them is ever run.

The files come from anywhere. So nothing is believed: a header must describe the bytes of the file exactly, and no more
memory is taken than the file has bytes. They are read, not mapped to memory: somebody who cuts a mapped file short ends
every process that looks at it.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast
from zlib import crc32

import torch
from torch import Tensor

from musicrec.core.run_files import open_inside

DTYPES: dict[str, torch.dtype] = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
LONGEST_HEADER = 4 << 20  # bytes; a name, a shape and two places for each tensor
_SMALL = 1 << 16  # bytes
_TREE, _SUM = "tree", "crc32"
_NAMES = {dtype: name for name, dtype in DTYPES.items()}
Tensors = dict[str, Tensor]


def to_chunks(tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> list[bytes | memoryview]:
    """Lay tensors out for a file, without a copy of those that lie on the CPU in one piece."""
    order = sorted(tensors, key=lambda name: (-tensors[name].element_size(), name))  # each aligned to its own size
    header: dict[str, object] = {"__metadata__": dict(metadata)} if metadata else {}
    chunks: list[bytes | memoryview] = []
    place = 0
    for name in order:
        value = tensors[name].detach().cpu().contiguous()
        end = place + value.numel() * value.element_size()
        header[name] = {"dtype": _NAMES[value.dtype], "shape": list(value.shape), "data_offsets": [place, end]}
        place = end
        if value.numel():
            chunks.append(memoryview(cast(Any, value.reshape(-1).view(torch.uint8).numpy())))
    told = json.dumps(header, separators=(",", ":")).encode()
    told += b" " * (-len(told) % 8)
    return [len(told).to_bytes(8, "little") + told, *chunks]


def holds(path: Path, chunks: Iterable[bytes | memoryview]) -> bool:
    """Say whether the file at `path` has these bytes, and no others."""
    try:
        with path.open("rb") as file:
            return all(file.read(len(chunk)) == chunk for chunk in chunks) and not file.read(1)
    except OSError:
        return False


def read_tensors(path: Path, folder: Path) -> tuple[Tensors, dict[str, str]]:
    """Read the tensors of a file in `folder` and its metadata. Raises OSError, and ValueError for what are none.

    The large ones share one piece of memory, as large as the file.
    """
    tensors, metadata, _ = _read(path, folder)
    return tensors, metadata


def _read(path: Path, folder: Path) -> tuple[Tensors, dict[str, str], Tensor]:
    with open_inside(path, folder) as file:
        size = os.fstat(file.fileno()).st_size
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > size - 8 or length > LONGEST_HEADER:
            raise ValueError(f"its header cannot have {length:,} bytes")
        header = _parsed(file.read(length))
        data = torch.empty(size - 8 - length, dtype=torch.uint8)
        if len(data) and file.readinto(memoryview(cast(Any, data.numpy()))) != len(data):
            raise ValueError("it became shorter while it was read")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise ValueError("its metadata are no texts")
    _check_places(header, len(data))
    return {name: _tensor(each, data) for name, each in header.items()}, metadata, data


def pack(tree: object) -> list[bytes | memoryview]:
    """Lay out a tree of dicts, lists, tuples, numbers, texts and tensors for a file."""
    tensors: Tensors = {}
    told = json.dumps(_bare(tree, tensors))
    data = to_chunks(tensors)[1:]
    return to_chunks(tensors, {_TREE: told, _SUM: str(_summed(data))})


def unpack(path: Path, folder: Path) -> Any:
    """Read what `pack` laid out. Raises as `read_tensors` does."""
    tensors, metadata, data = _read(path, folder)
    if metadata.get(_SUM) != str(_summed([memoryview(cast(Any, data.numpy()))])):
        raise ValueError("its bytes are not those that were written")
    try:
        return _filled(json.loads(metadata.get(_TREE, "")), tensors)
    except (LookupError, TypeError, RecursionError) as error:
        raise ValueError(f"its parts do not go together ({error})") from error


def _summed(chunks: Iterable[bytes | memoryview]) -> int:
    total = 0
    for chunk in chunks:
        total = crc32(chunk, total)
    return total


def _bare(tree: object, tensors: Tensors) -> object:
    if isinstance(tree, Tensor):
        name = str(len(tensors))
        tensors[name] = tree
        return {"tensor": name}
    if isinstance(tree, dict):
        return {"dict": [[key, _bare(value, tensors)] for key, value in tree.items()]}
    if isinstance(tree, list | tuple):
        return {type(tree).__name__: [_bare(value, tensors) for value in tree]}
    if tree is None or isinstance(tree, bool | int | float | str):
        return tree
    raise TypeError(f"{type(tree).__name__} has no place in a file")


def _filled(bare: Any, tensors: Tensors) -> Any:
    if not isinstance(bare, dict):
        return bare
    ((kind, value),) = bare.items()
    if kind == "tensor":
        return tensors[value]
    if kind == "dict":
        return {key: _filled(each, tensors) for key, each in value}
    if kind in ("list", "tuple"):
        return (list if kind == "list" else tuple)(_filled(each, tensors) for each in value)
    raise ValueError(f"nothing is called {kind!r}")


def _parsed(told: bytes) -> dict[str, Any]:
    try:
        header = json.loads(told)
    except (ValueError, RecursionError) as error:
        raise ValueError("its header cannot be read") from error
    if not isinstance(header, dict):
        raise ValueError("its header is none")
    return header


def _check_places(header: dict[str, Any], size: int) -> None:
    # The parts must fill the data from end to end: then none lie over one another, and none beyond the end
    places = []
    for name, each in header.items():
        if not isinstance(each, dict) or each.keys() != {"dtype", "shape", "data_offsets"}:
            raise ValueError(f"{name!r} is described by something else than dtype, shape and data_offsets")
        shape, offsets = each["shape"], each["data_offsets"]
        numbers = isinstance(shape, list) and isinstance(offsets, list) and len(shape) <= 16 and len(offsets) == 2
        if not numbers or not all(type(number) is int and 0 <= number <= size for number in (*shape, *offsets)):
            raise ValueError(f"{name!r} has a shape or a place that cannot be")
        if not isinstance(each["dtype"], str) or each["dtype"] not in DTYPES:
            raise ValueError(f"{name!r} is of an unknown type")
        if math.prod(shape) * DTYPES[each["dtype"]].itemsize != offsets[1] - offsets[0]:
            raise ValueError(f"{name!r} has another size than its shape")
        places.append(offsets)
    end = 0
    for place in sorted(places):
        if place[0] != end:
            raise ValueError("its parts lie over one another, or leave gaps")
        end = place[1]
    if end != size:
        raise ValueError("it is longer or shorter than its parts")


def _tensor(told: dict[str, Any], data: Tensor) -> Tensor:
    dtype, (first, end) = DTYPES[told["dtype"]], told["data_offsets"]
    if first == end:
        return torch.empty(told["shape"], dtype=dtype)
    part = data[first:end]
    if dtype is torch.bool and int(part.max()) > 1:
        raise ValueError("a truth value is neither 0 nor 1")
    # Other programs may lay them out askew, and torch's generators take no part of a larger memory for their state
    if first % dtype.itemsize or end - first < _SMALL:
        part = part.clone()
    return part.view(dtype).reshape(told["shape"])
