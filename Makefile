# pathgraph: `make demo` shows it, `make test` tests it; each sets up .venv first.

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench lock screenshots docs messages neo4j-start neo4j-stop

VENV := .venv
RUN := $(VENV)/bin
STAMP := $(VENV)/.pathgraph-ready
PROCESSES ?= 2

# The first Python of 3.11 to 3.14 that answers; PYTHON=... names another.
FIND_PYTHON = for candidate in $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14 python; do \
	if "$$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' >/dev/null 2>&1; \
	then echo "$$candidate"; break; fi; done

help:  ## Show what there is to do
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | sort | awk -F '\t' '{printf "make %-12s %s\n", $$1, $$2}'

setup: $(STAMP)  ## Make .venv with the command pathgraph in it (PYTHON=... chooses the Python)

$(STAMP): requirements-dev.lock pyproject.toml
	@python="$$($(FIND_PYTHON))"; \
	if [ -z "$$python" ]; then \
		echo "pathgraph needs Python 3.11, 3.12, 3.13 or 3.14, and none was found. Install one, or name it: make setup PYTHON=/path/to/python3.12" >&2; exit 1; fi; \
	if ! $(RUN)/python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' >/dev/null 2>&1; then \
		"$$python" -m venv --clear $(VENV) || { \
			echo "The virtual environment could not be made. On Debian and Ubuntu the package python3-venv is needed." >&2; exit 1; }; fi
	@$(RUN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes --requirement requirements-dev.lock
	@$(RUN)/python -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup  ## Generate a region, load it, score the findings against it and show the pages
	@$(RUN)/pathgraph demo

test: setup  ## Run all tests, on LadybugDB and on a real Neo4j
	@$(RUN)/python -m pytest -n $(PROCESSES) --dist loadgroup

check: setup  ## Check format, lint, types, imports, Cypher texts and generated docs
	$(RUN)/ruff format --check .
	$(RUN)/ruff check .
	$(RUN)/mypy
	$(RUN)/lint-imports --no-logo
	$(RUN)/python -m pathgraph.queries.lint
	$(RUN)/python -m pathgraph.docgen --check
	$(RUN)/python -m pathgraph.docgen.messages --check

bench: setup  ## Time load and findings against pandas and DuckDB
	@$(RUN)/python -m benchmarks

screenshots: setup  ## Write pictures of the pages to artifacts/screenshots, and three to docs/pictures
	@$(RUN)/python -m tests.web.screenshots artifacts/screenshots
	@mkdir -p docs/pictures
	@cp artifacts/screenshots/home.png artifacts/screenshots/patient.png artifacts/screenshots/network.png docs/pictures/

docs: setup  ## Write docs/generated anew
	@$(RUN)/python -m pathgraph.docgen

messages: setup  ## Write the catalogues of the pages' languages anew, and say what they lack
	@$(RUN)/python -m pathgraph.docgen.messages

COMPILE := $(RUN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate pyproject.toml
lock: setup  ## Choose the newest versions that fit and write them down with hashes
	@$(COMPILE) --upgrade --group dev --output-file requirements-dev.lock
	@$(COMPILE) --upgrade --group build --constraint requirements-dev.lock --output-file requirements.lock

neo4j-start: setup  ## Start a Neo4j for trying things out, from Maven artifacts
	@$(RUN)/python tests/neo4j_server.py start

neo4j-stop: setup  ## Stop it
	@$(RUN)/python tests/neo4j_server.py stop
