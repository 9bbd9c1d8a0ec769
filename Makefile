.PHONY: setup run test bench faults reset check down
PYTHON ?= python3
RUN = .venv/bin/python -m

setup: ; @$(PYTHON) deploy/setup.py
run: setup ; @$(RUN) deploy.devstack up
test: check ; @$(RUN) pytest
check: setup ; .venv/bin/ruff check && .venv/bin/ruff format --check && .venv/bin/mypy && .venv/bin/lint-imports
bench: setup ; @$(RUN) tests.load
faults: setup ; @FAULTS=long $(RUN) pytest tests/faults -s --timeout=0
reset: setup ; @$(RUN) deploy.devstack reset
down: ; @$(RUN) deploy.devstack down
