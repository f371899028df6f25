"""Devices as people type them: one that is there, or one line that says which are."""

from __future__ import annotations

import pytest
import torch

from musicrec.core.errors import UsageError
from musicrec.core.models.registry import choose_device


@pytest.mark.parametrize("device", ["cpu", "cpu:0"])
def test_the_processor_is_there(device: str) -> None:
    assert choose_device(device) == torch.device(device)


@pytest.mark.parametrize(
    "device", ["cpu:x", "cpu:", "cpu:1", "cpu:99999", "cpu:-1", "cpu:0:0", "cpu:²", "tpu", ":0", ""]
)
def test_what_is_no_device_is_told_in_a_line(device: str) -> None:
    with pytest.raises(UsageError, match="torch cannot use device"):
        choose_device(device)


@pytest.mark.parametrize(("device", "there"), [("cuda", True), ("cuda:1", True), ("cuda:2", False)])
def test_a_cuda_device_has_a_number_below_theirs(device: str, there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    if there:
        assert choose_device(device) == torch.device(device)
    else:
        with pytest.raises(UsageError, match="choose auto or one of cpu, cuda"):
            choose_device(device)
