# One command each; `make install` is the first step of all of them.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: install run demo test check format bench audit lock clean

install: .venv/installed

.venv/installed: requirements-build.lock requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "mailgate needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' || { echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 2; }
	@echo "Making .venv from requirements-dev.lock (once, about a minute) ..."
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-build.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-build-isolation --use-pep517 -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

run: install
	@$(BIN)/mailgate serve

demo: install
	@$(BIN)/mailgate demo

test: check
	$(BIN)/python -m pytest -n auto --dist worksteal

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install
	$(BIN)/python -m bench

# A library that could not be asked about is a failure: silence would look like safety.
AUDIT ?= --vulnerability-service pypi
audit: install
	@$(BIN)/pip-audit --strict --progress-spinner off $(AUDIT) --require-hashes -r requirements-apprise.lock || { echo "Either a vulnerability is named above, or the service could not be asked and nothing is known."; echo "Another service: make audit AUDIT='--vulnerability-service osv'"; exit 1; }

# Resolves anew within the bounds of pyproject.toml; no index address is written.
lock: install
	$(BIN)/uv pip compile --group build --universal --generate-hashes --no-emit-index-url --no-header -q -o requirements-build.lock
	$(BIN)/uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url --no-header -q -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra apprise --universal --generate-hashes --no-emit-index-url --no-header -q -o requirements-apprise.lock
	$(BIN)/uv pip compile pyproject.toml --extra apprise --group dev --universal --generate-hashes --no-emit-index-url --no-header -q -o requirements-dev.lock

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist
