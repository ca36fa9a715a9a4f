# make run, make test, make lint, make check, make bench, make docs, make fuzz, make audit,
# make lock, make clean: the same here and in CI.
# Kept to what GNU make 3.81 understands, which is what macOS ships.

HOST ?= 127.0.0.1
PORT ?= 8501
JOBS ?= 2
LOAD ?=
HALL ?=
SIEGE ?=
SOAK ?=
REPLICAS ?=
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

# Every package is pinned with its hashes: one that is not the one that was tested is not installed.
INSTALL = $(PIP) install --require-hashes -r
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.PHONY: run serve test lint check bench load siege soak docs clean browser browsers warm fuzz
.PHONY: audit lock access
.DEFAULT_GOAL := run

run: $(VENV)/run.stamp
	@exec $(BIN)/python -m gdviz run --host $(HOST) --port $(PORT)

# Replicas behind nginx, one more than cores unless told: make serve REPLICAS=4 HOST=0.0.0.0
serve: $(VENV)/run.stamp
	@$(BIN)/python scripts/tools.py nginx
	-@$(BIN)/python scripts/tools.py redis-server
	@exec $(BIN)/python scripts/replicas.py --host $(HOST) --port $(PORT) \
		$(if $(REPLICAS),--replicas $(REPLICAS))

# A group is run by one process, so that its fixtures are made once; tests/conftest.py says what
# the groups are, and puts the longest first. With three processes (JOBS=3) it is a tenth quicker,
# and what drives a browser waits longer for its turn.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(VENV)/dev.stamp browser warm
	$(BIN)/python -m pytest -n $(JOBS) --dist loadscope --no-loadscope-reorder

# Kernels are compiled once, before four processes of the tests would each do it; beside that, and
# for the same reason, the files of the tests.
warm: $(VENV)/dev.stamp
	@$(BIN)/python scripts/warm.py & made=$$!; \
	$(BIN)/python -m pytest --collect-only -q >/dev/null 2>&1; wait $$made

# Format and lint, in a second; `check` adds the types, which take most of a minute.
lint: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

check: lint
	$(BIN)/mypy

# What `make test` has no time for: much more hostile input (docs/security.md says what), and all
# cases of the tests that take a sample of theirs.
fuzz: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -m fuzz -q -s tests/fuzz
	GDVIZ_EVERY_CASE=1 $(BIN)/python -m pytest -q -m "not browser and not fuzz" \
		$(shell grep -lE "import .*(sampled|EVERY_CASE)" tests/test_*.py)

audit: $(VENV)/tools.stamp
	@$(BIN)/python scripts/audit.py

# After a change of a requirements*.in. A version that is locked already stays, unless it must move:
# `make lock UPGRADE=--upgrade` takes the newest of all.
lock: $(VENV)/tools.stamp
	$(LOCK) $(UPGRADE) -o requirements.txt requirements.in
	$(LOCK) $(UPGRADE) -c requirements.txt -o requirements-dev.txt requirements-dev.in
	$(LOCK) $(UPGRADE) -o requirements-tools.txt requirements-tools.in

# Firefox and WebKitGTK, where they are installed: every page opened, played, dragged and linked.
browsers: $(VENV)/dev.stamp
	@$(BIN)/python scripts/browsers.py

# axe-core on every room of every page in every mode; `make test` asks of half of the rooms once.
access: $(VENV)/dev.stamp
	@$(BIN)/python tests/axe.py

bench: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks

# Many visitors at once: make load LOAD="--sessions 500 --think 10 --replicas 2"
# A hall of so many phones that follow a lecturer: make load HALL=500 LOAD="--replicas 2"
load: $(VENV)/dev.stamp
	$(BIN)/python -m $(if $(HALL),benchmarks.load_hall --phones $(HALL),benchmarks.load) $(LOAD)

# What one hostile address does to its neighbours: make siege SIEGE="--seconds 20 --replicas 2"
siege: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks.siege $(SIEGE)

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
	@$(INSTALL) requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/run.stamp
	@echo "Installing what the tests need ..."
	@$(INSTALL) requirements-dev.txt
	@touch $@

$(VENV)/tools.stamp: requirements-tools.txt | $(VENV)/bin/python
	@echo "Installing what pins and audits ..."
	@$(INSTALL) requirements-tools.txt
	@touch $@
