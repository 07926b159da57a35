# Needs Python 3.11 or newer, git and make; everything else is installed in .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
LOCALE := states/locale
CATALOGUES := $(wildcard $(LOCALE)/*/LC_MESSAGES/coop.po)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo dist recording test soak audit pm4py lifelines mutants bench lock catalogue docs format clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/installed $(CATALOGUES:.po=.mo) ## Install the pinned packages and the command `coop` in .venv
	@:

demo: setup ## Show half a year of a lab in a throwaway store
	@$(BIN)/coop demo

recording: setup ## Simulate the half-year that the demonstration plays, and record it again
	PYTHONPATH=tests/support $(BIN)/python -m half_year

test: setup ## Check style and types, then run every test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2

# A whole run takes hours: make soak KILLS=500 RACES=0 tries less of one thing and none of another, SEED=2 the same again.
soak: setup ## Kill, race and feed it for hours: what is too long for the tests
	PYTHONPATH=tests:tests/support nice $(BIN)/python -m soak

# Asks the network, of every pinned version, which faults are known: pip-audit comes apart, nothing here needs it.
audit: ## Compare the pinned packages with the faults that are known of them
	@$(PYTHON) -m venv build/audit && build/audit/bin/pip --disable-pip-version-check --quiet install pip-audit
	build/audit/bin/pip-audit --strict --require-hashes --disable-pip --progress-spinner off -r requirements.lock

# PM4Py is under the AGPL: it comes apart, reads the files that were written, and nothing here needs it.
pm4py: setup ## Read the exported logs with PM4Py, and replay them on the nets of the declaration
	@$(PYTHON) -m venv build/pm4py && build/pm4py/bin/pip --disable-pip-version-check --quiet install pm4py==2.7.23.11
	@rm -rf build/logs && $(BIN)/coop demo --keep build/logs > /dev/null 2>&1
	@$(BIN)/python tests/outside/write_logs.py build/logs > /dev/null
	@build/pm4py/bin/python tests/outside/with_pm4py.py build/logs

# lifelines brings pandas, scipy and matplotlib: it is installed apart, nothing here needs it.
lifelines: ## Compare what forecasts are made of with the estimates of lifelines
	@$(PYTHON) -m venv build/lifelines && build/lifelines/bin/pip --disable-pip-version-check --quiet install lifelines==0.30.3
	PYTHONPATH=. build/lifelines/bin/python tests/outside/with_lifelines.py

# A whole run is long: make mutants WHERE="states.risks.*" tries a part, SAMPLE=500 so many drawn at random (SEED=2: others).
mutants: setup ## Change states/ one thing at a time, and count what tests/states does not notice
	$(BIN)/python bench/mutants.py $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED)) $(WHERE)

# Of what is in the folder; the wheel is built from the sdist, by the pinned tools.
dist: setup ## Build the wheel and the source distribution in dist/
	@rm -rf dist
	@$(BIN)/python -m build --no-isolation --outdir dist . > /dev/null
	@ls dist/*

bench: setup ## Measure
	$(BIN)/python bench/run.py

docs: setup ## Write the generated pages of docs/
	$(BIN)/python docs/generate.py

format: setup ## Put the code in the house style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# Once a new dependency is declared; newer versions of all of them: make lock UPGRADE=--upgrade
lock: $(VENV)/locked ## Pin every package again, with hashes, in requirements.lock
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet $(UPGRADE) \
		--extra all --extra dev --build-deps-for editable \
		--generate-hashes --allow-unsafe --strip-extras --no-annotate \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
		--output-file requirements.lock pyproject.toml

# English is the source: only the other languages have a catalogue.
catalogue: setup ## Gather the messages of the code into the French catalogue, and compile it
	@mkdir -p build
	$(BIN)/pybabel --quiet extract --mapping-file babel.cfg --keyword _ --keyword N_ --keyword _n:1,2 --keyword Nn_:1,2 \
		--add-location file --sort-output --no-wrap --project la-cooperative \
		--header-comment "# Messages of la-cooperative, under its licence, EUPL-1.2." --output-file build/coop.pot .
	$(BIN)/pybabel --quiet update --domain coop --input-file build/coop.pot --output-dir $(LOCALE) --locale fr \
		--init-missing --ignore-pot-creation-date --ignore-obsolete --no-fuzzy-matching --no-wrap
	$(BIN)/pybabel --quiet compile --domain coop --directory $(LOCALE)

clean: ## Remove what make and the tools have written
	rm -rf $(VENV) build dist mutants .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find states workflow handlers cli tests -name __pycache__ -prune -exec rm -rf {} +
	rm -f $(LOCALE)/*/LC_MESSAGES/coop.mo

# Made again from nothing whenever the lock changes, so that no package stays behind.
$(VENV)/locked: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=...")'
	@echo "Installing the pinned packages in $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP) install --quiet --require-hashes -r requirements.lock
	@touch $@

# The tools of the build are pinned too: nothing is looked up outside the lock.
$(VENV)/installed: $(VENV)/locked pyproject.toml hatch_build.py
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

%.mo: %.po | $(VENV)/installed
	@$(BIN)/pybabel --quiet compile --domain coop --input-file $< --output-file $@
