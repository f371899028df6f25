PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: demo test check snapshots pictures bench-screen clean

demo: $(INSTALLED)
	@$(BIN)/musicrec demo

test: $(INSTALLED) check
	$(BIN)/pytest -n 2 --dist loadgroup

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

snapshots: $(INSTALLED)
	$(BIN)/pytest tests/tui --snapshot-update

pictures: $(INSTALLED)
	$(BIN)/python docs/make_pictures.py

bench-screen: $(INSTALLED)
	$(BIN)/python benchmarks/screen.py

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
