PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := benchmarks/.peers
INSTALLED := $(VENV)/.installed
LOWEST := .lowest
KEPT :=

.PHONY: demo test test-lowest check snapshots pictures bench bench-smoke bench-screen peers clean

demo: $(INSTALLED)
	@$(BIN)/musicrec demo

test: $(INSTALLED) check
	$(BIN)/pytest -n 3 --dist loadgroup --no-loadscope-reorder

# With the lowest versions that pyproject.toml allows: 6 GB, as so old a torch brings the libraries of a GPU.
# `make test-lowest KEPT=torch` keeps torch as constraints.txt pins it: 1.6 GB
test-lowest: $(LOWEST)/.installed
	$(LOWEST)/bin/pytest -n 3 --dist loadgroup --no-loadscope-reorder

$(LOWEST)/.installed: pyproject.toml
	$(PYTHON) -m venv $(LOWEST)
	$(PYTHON) tests/lowest.py $(KEPT) > $(LOWEST)/constraints.txt
	$(LOWEST)/bin/pip install --quiet --disable-pip-version-check --constraint $(LOWEST)/constraints.txt --editable '.[sweep,web,implicit,onnx,dev]'
	@touch $@

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
	@for each in cli.py commands core tui; do [ -e .dev/musicrec/$$each ] || ln -s ../../$$each .dev/musicrec/$$each; done
	@touch $@

clean:
	rm -rf $(VENV) $(LOWEST) $(PEERS) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
