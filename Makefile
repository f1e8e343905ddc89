# One file, two commands for a stranger: `make evaluate` and `make test`.
# Only relative paths: the checkout may lie anywhere, under a name with spaces or å.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/run.stamp
TEST := $(VENV)/test.stamp
INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python
ifeq ($(strip $(HOME)),)
INSTALL += --no-cache
export HOME := $(CURDIR)/$(VENV)
endif
# Python 3.12 and older read the link to this folder in the encoding of the locale, where å may be none: a relative
# link, from site-packages up to here, has no å.
LINK := $(VENV)/lib/python*/site-packages/_editable_impl_attraktiv_eval.pth
# uv trusts the certificates of the system, as pip does, where the system keeps any: a company's own is among them.
STORES := /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem /etc/ssl/cert.pem
ifneq ($(wildcard $(STORES))$(filter Windows_NT,$(OS)),)
export UV_SYSTEM_CERTS ?= 1
endif
export PYTHONUTF8 := 1
export PYTHONDONTWRITEBYTECODE :=
# Matrices this small only lose time to threads.
export OPENBLAS_NUM_THREADS ?= 1

# What no run reads: the packages' own tests, and Babel's words for languages that no report is written in.
SITE := $(VENV)/lib/python*/site-packages
SPARED = find $(SITE) -type d -name tests -prune -exec rm -rf {} +; rm -rf $(SITE)/jupyterlab/galata; \
  find $(SITE)/babel/locale-data -name '*.dat' ! -name 'root.dat' ! -name 'sv*' ! -name 'en*' -delete 2>/dev/null; :

# Every extra but bench: packages that are only measured beside this one are installed by hand.
LOCKED := explore fetch docs cluster build test prove

.PHONY: help evaluate notebooks explore test test-fast lint prove bench lock environment texts docs clean

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile

evaluate: $(RUN) ## run the yearly evaluations and the final report into outputs/
	@$(BIN)/python -m attraktiv_eval run $(ARGS)

# The lint runs beside the tests, which leave its one core idle at their start and end; both must pass.
test: $(TEST) ## lint, and every test but the slow proofs
	@$(MAKE) --no-print-directory lint >$(VENV)/lint.txt 2>&1 & lint=$$!; \
	$(BIN)/python -m pytest -p tests.without_grammar -q -m "not prove" -n 2 --dist loadscope --no-loadscope-reorder --doctest-modules --nbval --nbval-current-env --nbval-sanitize-with tests/nbval_sanitize.cfg notebooks/yearly_evaluation.ipynb tests attraktiv_eval; tests=$$?; \
	wait $$lint; lint=$$?; cat $(VENV)/lint.txt; exit $$((tests + lint))

lint: $(TEST) ## ruff, mypy and the import contract
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m mypy
	@$(BIN)/lint-imports --no-cache

prove: $(TEST) ## the slow proofs: every notebook's outputs made anew, fuzzing, soak, kills, coverage, mutation, clusters, wheels, other Pythons
	@$(BIN)/python -m pytest -q -p no:nbval -m prove -n 2 --dist loadscope --hypothesis-profile=prove tests
	@$(BIN)/python -m pytest -p tests.without_grammar -q -n 2 --dist loadscope --nbval --nbval-current-env --nbval-sanitize-with tests/nbval_sanitize.cfg notebooks

bench: $(TEST) ## measure speed as ratios within one run
	@for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python "$$file" || exit 1; done

notebooks: $(TEST) ## remake the committed notebooks with their default parameters
	@$(BIN)/python scripts/notebooks.py

explore: $(TEST) ## open JupyterLab on the explore notebooks
	@$(BIN)/python -m attraktiv_eval explore $(ARGS)

docs: $(TEST) ## build the documentation into docs/_build/html, without network
	@$(BIN)/python -m sphinx -q -b html docs docs/_build/html
	@echo docs/_build/html/index.html

texts: $(TEST) ## bring the Swedish catalogue up to date
	@$(BIN)/python scripts/texts.py

lock: $(VENV)/uv.stamp ## resolve every dependency anew into requirements/
	@UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal --generate-hashes --upgrade \
	  --python-version 3.11 $(LOCKED:%=--extra %) pyproject.toml --output-file requirements/test.txt
	@UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal --generate-hashes \
	  --python-version 3.11 --extra build --constraint requirements/test.txt pyproject.toml \
	  --output-file requirements/run.txt
	@UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal --generate-hashes --upgrade \
	  --python-version 3.11 requirements/bootstrap.in --output-file requirements/bootstrap.txt

environment: $(TEST) ## remake environment.yml from pyproject.toml
	@$(BIN)/python scripts/environment.py

clean: ## remove what the commands made, but not outputs/
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist

$(VENV)/uv.stamp: requirements/bootstrap.txt
	@command -v $(PYTHON) >/dev/null || { echo "attraktiv_eval needs Python 3.11 or newer, and no $(PYTHON) was found; remedy: install it, or run make PYTHON=/path/to/python" >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "attraktiv_eval needs Python 3.11 or newer, and $(PYTHON) is older; remedy: run make PYTHON=/path/to/a/newer/python" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { echo "$(PYTHON) cannot make a virtual environment; remedy: install its venv module (Debian: apt-get install python3-venv)" >&2; exit 2; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@touch $@

$(RUN): $(VENV)/uv.stamp requirements/run.txt pyproject.toml
	@test -e $(TEST) || echo "installing into $(VENV) ..."
	@$(INSTALL) --require-hashes -r requirements/run.txt
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@for link in $(LINK); do echo ../../../.. > $$link; done
	@$(SPARED)
	@touch $@

$(TEST): $(RUN) requirements/test.txt
	@echo "installing what the tests need into $(VENV) ..."
	@$(INSTALL) --require-hashes -r requirements/test.txt
	@touch $@
