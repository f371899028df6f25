PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := benchmarks/.peers
INSTALLED := $(VENV)/.installed

.PHONY: demo test check snapshots pictures bench bench-smoke bench-screen peers clean

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

bench: $(INSTALLED) $(PEERS)/.installed
	$(BIN)/python benchmarks/every.py

bench-smoke: $(INSTALLED)
	$(BIN)/python benchmarks/every.py --smoke

peers: $(PEERS)/.installed

$(PEERS)/.installed: benchmarks/peers.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/pip install --quiet --disable-pip-version-check --requirement benchmarks/peers.txt
	@touch $@

bench-screen: $(INSTALLED)
	$(BIN)/python benchmarks/screen.py

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) $(PEERS) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
