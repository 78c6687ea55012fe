# Short names for the plain commands of README.md and CONTRIBUTING.md. On Windows, which has no make, use those.
#
#   make lab                          install what is needed (once) and open the quick start in JupyterLab
#   make demo                         run the quick start here, without a browser
#   make check test                   what CI runs
#   make lab PYTHON=python3.12 VENV=~/envs/ftkit LAB_ARGS="--language zh --port=9000"
#   make lab TORCH_INDEX=ADDRESS      take torch from that index: the CPU one that pytorch.org names is a small download

PYTHON ?= python3
VENV ?= .venv
TORCH_INDEX ?=
LAB_ARGS ?=
PYTEST_ARGS ?=

BIN := $(VENV)/bin
NBVAL := --nbval --nbval-current-env --nbval-sanitize-with tests/nbval.cfg --nbval-cell-timeout 300

.DEFAULT_GOAL := help
.PHONY: help lab demo install test test-all check format clean

help:
	@echo "make lab | demo | check | test | test-all | format | clean      (the lines at the top of Makefile say more)"

lab: $(VENV)/.installed
	$(BIN)/python -m ftkit lab $(LAB_ARGS)

demo: $(VENV)/.installed
	$(BIN)/python -m ftkit demo $(LAB_ARGS)

install: $(VENV)/.installed-test

check: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest -m "not slow" $(PYTEST_ARGS)
	$(BIN)/python -m pytest $(NBVAL) -p no:cacheprovider notebooks/

test-all: $(VENV)/.installed-test
	$(BIN)/python -m pytest $(PYTEST_ARGS)
	$(BIN)/python -m pytest $(NBVAL) -p no:cacheprovider notebooks/

# The virtual environment stays: delete $(VENV) by hand to install everything anew.
clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find ftkit tests notebooks -name __pycache__ -prune -exec rm -rf {} +

# Each stamp says: installed as these two files ask. A second `make lab` starts at once.
$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(if $(TORCH_INDEX),$(BIN)/python -m pip install -c constraints.txt --index-url $(TORCH_INDEX) torch)
	$(BIN)/python -m pip install -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/python -m pip install -c constraints.txt -e '.[test]'
	@touch $@
