# make run, make test, make check, make bench, make docs, make clean: the same here and in CI.
# Kept to what GNU make 3.81 understands, which is what macOS ships.

HOST ?= 127.0.0.1
PORT ?= 8501
JOBS ?= 2
LOAD ?=
SOAK ?=
REPLICAS ?= 2
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

# What the reference of the library is made of: every package but those of the app.
PACKAGES = $(filter-out gdviz.ui gdviz.cli,\
	$(subst /,.,$(patsubst %/__init__.py,%,$(wildcard gdviz/*/__init__.py))))

# The first Python of 3.11 or later that really starts; PYTHON=/path/to/python overrides it.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& { echo $$p; break; }; done)

.PHONY: run serve test check bench load soak docs clean browser
.DEFAULT_GOAL := run

run: $(VENV)/run.stamp
	@exec $(BIN)/python scripts/serve.py --host $(HOST) --port $(PORT)

# Several replicas behind nginx, one per core: make serve REPLICAS=4 HOST=0.0.0.0
serve: $(VENV)/run.stamp
	@$(BIN)/python scripts/tools.py nginx
	@exec $(BIN)/python scripts/replicas.py --host $(HOST) --port $(PORT) --replicas $(REPLICAS)

test: $(VENV)/dev.stamp browser
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

check: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks

# Many visitors at once: make load LOAD="--sessions 500 --think 10 --replicas 2"
load: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks.load $(LOAD)

# Does anything grow? make soak SOAK="--minutes 5"
soak: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks.soak $(SOAK)

docs: $(VENV)/dev.stamp
	$(BIN)/python -m pdoc --math -o docs/api gdviz gdviz.core gdviz.knobs $(PACKAGES)

browser: $(VENV)/dev.stamp
	@$(BIN)/python tests/browser_setup.py

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@py="$(PYTHON)"; \
	if [ -z "$$py" ]; then \
	  echo "gdviz needs Python 3.11 or later, and none was found. Install it," \
	    "or name one: make PYTHON=/path/to/python"; exit 1; fi; \
	if ! "$$py" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
	  echo "gdviz needs Python 3.11 or later; $$py is not that."; exit 1; fi; \
	if ! "$$py" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
	  echo "$$py cannot make virtual environments." \
	    "On Debian or Ubuntu: apt-get install python3-venv"; exit 1; fi; \
	echo "Making $(VENV) with $$py ..."; \
	"$$py" -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/run.stamp: requirements.txt | $(VENV)/bin/python
	@echo "Installing what gdviz needs (a minute or two, once) ..."
	@$(PIP) install -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/run.stamp
	@echo "Installing what the tests need ..."
	@$(PIP) install -r requirements-dev.txt
	@touch $@
