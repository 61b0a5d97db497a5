# Everything there is to do with a checkout. `make` alone lists it; README.md says which two a newcomer needs.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup run stack stack-smoke test test-thorough test-services lint sbom types chaos coverage format smoke lock bench sheet fonts contact-sheet screenshots every-format clean FORCE

PY := .venv/bin/python
VAR := $(or $(VAR_DIR),var)
STATICFILES := $(or $(STATIC_ROOT),staticfiles)
CHROMIUM ?= $(or $(shell command -v chromium),/usr/bin/chromium)
export CHROMIUM
# Packages are installed without byte code: what is used is compiled at its first import, and has to be kept then.
unexport PYTHONDONTWRITEBYTECODE
DEMO_OWNER := owner@studio.example
# Tools that only read the code still load the settings, which refuse to start without a key.
NO_STUDIO := SECRET_KEY=only-for-tools-that-read-the-code-0123456789 DATABASE_URL=sqlite://:memory:
INSTALL := $(PY) -m pip install -qq --require-hashes --no-deps --no-compile --only-binary :all:
PYTEST := $(PY) -m pytest -n 3 --dist loadfile --no-loadscope-reorder -q
ENGINE_TESTS := $(addprefix tests/runs/engine/test_,engine.py revisions.py scheduler.py servers.py withdrawing.py within_reach.py worker.py)
ON_POSTGRES := $(ENGINE_TESTS) tests/runs/test_lifecycle.py tests/runs/test_locks.py tests/runs/test_library.py tests/runs/test_pausing.py tests/runs/test_quotas.py tests/runs/test_recompose.py tests/adgen/test_worker_tasks.py \
  tests/runs/test_life_machine.py::test_whatever_happens_the_rows_keep_their_promises
STATIC := $(shell find static -type f)
MIGRATIONS := $(wildcard */migrations/*.py)

help: ## List these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 24

setup: .venv/installed $(VAR)/migrated ## Install into .venv, make var/ with its key and database

run: setup $(STATICFILES)/staticfiles.json ## Start the studio with a demo workspace (HOST, PORT, VAR_DIR)
	@$(PY) manage.py demo
	@exec $(PY) manage.py studio --welcome $(DEMO_OWNER)

stack: .venv/installed $(STATICFILES)/staticfiles.json ## Run it in several processes, with PostgreSQL and Redis of its own (STACK="--web 3")
	@exec $(PY) scripts/stack.py --port $(or $(PORT),8000) $(STACK)

stack-smoke: .venv/installed $(STATICFILES)/staticfiles.json ## The same on free ports, checked from outside, then stopped
	@$(PY) scripts/stack.py --smoke $(STACK)

test: lint ## Lint, types, migrations, tests: what has to be green
	@echo "Tests"
	@$(PYTEST) $(if $(TESTS),$(TESTS),-m "not chaos and not services and not thorough")
	@test -x "$(CHROMIUM)" || printf '%s\n' \
	  '*****************************************************************************************' \
	  '*** The browser tests were SKIPPED: there is no Chromium at $(CHROMIUM).' \
	  '*** Debian: apt-get install -y chromium. Elsewhere: make test CHROMIUM=/path/to/chromium' \
	  '*****************************************************************************************'

test-thorough: .venv/installed-dev ## What make test looks at by samples: every size, every page, the other web server
	@echo "Thorough tests"
	@$(PYTEST) -m thorough

test-services: .venv/installed-dev ## Rows and engine once more, on PostgreSQL and with workers; pages without PostgreSQL or Redis
	@echo "Tests on PostgreSQL and Redis"
	@if $(PY) -m tests.services; then $(PYTEST) --ds tests.settings_postgres --migrations -m "not chaos" $(ON_POSTGRES) tests/adgen/test_services_away.py; else \
	  printf '%s\n' \
	  '*****************************************************************************************' \
	  '*** The tests with PostgreSQL and Redis were SKIPPED: the packages named above are missing.' \
	  '*** Debian: apt-get install -y postgresql redis-server' \
	  '*****************************************************************************************'; fi

lint: .venv/installed-dev ## Ruff, bandit, mypy, and that no migration is missing
	@echo "Lint"
	@$(PY) -m ruff check --quiet .
	@$(PY) -m ruff format --check --quiet . || { echo "Not formatted: run make format."; exit 1; }
	@$(PY) -m bandit --quiet --configfile pyproject.toml --recursive accounts adgen runs studio scripts manage.py
	@$(MAKE) --no-print-directory types
	@echo "Migrations"
	@$(NO_STUDIO) $(PY) manage.py makemigrations --check --dry-run

sbom: ## Write sbom.cdx.json: every package of requirements.txt with its hashes (CycloneDX 1.6)
	@$(PY) scripts/sbom.py requirements.txt > sbom.cdx.json

types: .venv/installed-dev ## Mypy alone
	@echo "Types"
	@$(NO_STUDIO) $(PY) -m mypy .

chaos: .venv/installed-dev ## Hurt workers, servers, PostgreSQL and Redis for minutes; count what is left (CHAOS=tests/chaos/test_…)
	@$(PY) -m pytest -q -m chaos -s $(or $(CHAOS),tests/chaos tests/runs/test_life_machine.py)

coverage: .venv/installed-dev ## Which lines no test reaches
	@$(PY) -m coverage run --source=accounts,adgen,runs,studio -m pytest -q
	@$(PY) -m coverage report --skip-covered --show-missing

format: .venv/installed-dev ## Format the code and mend what ruff can mend
	@$(PY) -m ruff check --fix --quiet .
	@$(PY) -m ruff format .

smoke: .venv/installed $(STATICFILES)/staticfiles.json ## Start a throw-away studio, make ads through its API, stop it
	@scripts/smoke_here.sh

lock: .venv/installed-dev ## Turn requirements*.in into the hashed requirements*.txt
	$(PY) -m uv pip compile --quiet --generate-hashes --universal --no-header \
	  --python-version 3.13 requirements.in -o requirements.txt
	$(PY) -m uv pip compile --quiet --generate-hashes --universal --no-header \
	  --python-version 3.13 requirements-dev.in -c requirements.txt -o requirements-dev.txt

bench: setup .venv/installed-dev ## Measure the budgets (each file of benchmarks/ says what it shows)
	@missed=; for file in $(filter-out %/__init__.py %/bench.py %/many_ads.py %/many_runs.py,$(wildcard benchmarks/*.py)) "benchmarks/gpu_busy.py --servers 2"; do \
	  echo "$$file"; $(PY) $$file || missed="$$missed $$file"; done; \
	  test -z "$$missed" || { echo "Missed their budget or failed:$$missed"; exit 1; }

sheet: .venv/installed ## Paint docs/simulator-sheet.png: 24 pictures of the simulator
	$(PY) scripts/simulator_sheet.py

fonts: .venv/installed ## Which fonts ads are set in, which were found here, and what brings further scripts
	@$(NO_STUDIO) $(PY) manage.py fonts

contact-sheet: .venv/installed ## Make docs/contact-sheet.png: three briefs in 13 sizes and 5 scripts (ADS=folder keeps every ad)
	$(PY) scripts/contact_sheet.py $(if $(ADS),--ads $(ADS))

screenshots: .venv/installed-dev ## Photograph every page into docs/screenshots/ and check it (ONLY=library,ad for some of them)
	$(PY) scripts/screenshots.py --pages $(if $(ONLY),--only $(ONLY))

every-format: .venv/installed ## Paint all example briefs in all sizes; measure each file for overflow, safe zone, weight, contrast
	$(PY) scripts/every_format.py

clean: ## Remove what the tools left; keeps .venv and var/
	rm -rf $(STATICFILES) .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results .coverage
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

# --- What the targets above stand on ---

# Without its interpreter (removed, or uninstalled since) an environment is made anew, packages and all.
$(shell test -x $(PY) || rm -f .venv/installed .venv/installed-dev)

# Order-only below: the interpreter's own date says nothing about what was installed.
.venv/bin/python:
	@scripts/make_venv.sh .venv

.venv/installed: requirements.txt | .venv/bin/python
	@echo "Installing requirements.txt (about 400 MB; the first time takes a minute)"
	@$(INSTALL) -r $<
	@touch $@

# Holds everything of requirements.txt too, in the same versions.
.venv/installed-dev: requirements-dev.txt | .venv/bin/python
	@echo "Installing requirements-dev.txt (about 600 MB; the first time takes a minute)"
	@$(INSTALL) -r $<
	@touch .venv/installed $@

$(VAR)/secret_key: | .venv/bin/python
	@$(PY) scripts/make_secret_key.py $(VAR)

# A database that somebody deleted is made anew; one that DATABASE_URL names is always looked at.
ifneq ($(if $(DATABASE_URL),,$(wildcard $(VAR)/studio.sqlite3)),$(VAR)/studio.sqlite3)
$(VAR)/migrated: FORCE
endif
$(VAR)/migrated: $(MIGRATIONS) .venv/installed | $(VAR)/secret_key
	@$(PY) manage.py migrate --no-input --verbosity 0
	@touch $@

# The manifest is what collectstatic writes last; with DEBUG it would not write one. Brotli, which comes with the tools
# for tests alone, would take most of a minute.
$(STATICFILES)/staticfiles.json: $(STATIC) .venv/installed
	@$(NO_STUDIO) DEBUG=0 $(PY) -c "import runpy, sys; sys.modules['brotli'] = None; \
	  sys.argv[0] = 'manage.py'; runpy.run_path('manage.py', run_name='__main__')" \
	  collectstatic --no-input --verbosity 0
	@touch $@
