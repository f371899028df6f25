from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no way to their neighbours
pytest.register_assert_rewrite("model_contract", "draft_contract", "run_contract", "gradient_contract")
