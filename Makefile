# `make test` and `make book` need Python 3.11+, make and git; the rest is installed
# into .venv and node_modules on first use, and again only when a pin changes.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

# The first interpreter here that is new enough; `make PYTHON=/path/to/python3` overrides.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

# The build of PyTorch, installed before everything else. Another one, for a GPU say:
# make test TORCH='torch==2.13.0 --index-url URL'. The choice is remembered.
TORCH ?= $(or $(shell cat .venv/.torch 2>/dev/null),torch==2.13.0)

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install -q

# `make tangle` and `make check` use the active environment as it is, and install nothing
# into it; without one they use .venv.
ifeq ($(and $(VIRTUAL_ENV),$(filter-out $(CURDIR)/.venv,$(VIRTUAL_ENV))),)
  PY := $(BIN)/python
  READY := .venv/.test
else
  PY := $(VIRTUAL_ENV)/bin/python
endif

.PHONY: help book watch test test-all test-pages pdf need-chromium tangle check format bench bench-tangle bench-ppo bench-offpolicy bench-device bench-learning results clean distclean


help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

book: _build/html/.made ## Build the book into _build/html
	@echo "The book begins at _build/html/index.html"

# All that pages are made from; a folder changes when a file comes or goes.
SOURCES := _config.yml $(shell find book tangle spinup_lit -mindepth 1 -not -path '*/__pycache__*')

_build/html/.made: .venv/.book _build/.good $(SOURCES)
	$(BIN)/python -m tangle
	@rm -f _build/.good
	$(BIN)/jupyter-book build book -W --keep-going
	@touch _build/.good $@

# Sphinx repeats a warning only when it reads the page again, and does not know what
# shapes every page. So after a build that did not end well, or a change in these,
# every page is made anew. (The outputs of the cells are kept elsewhere.)
_build/.good: _config.yml .venv/.book $(wildcard tangle/*.* tangle/weave/*.* tangle/weave/*/* book/_ext/*.* book/_assets/*)
	@rm -rf _build/html _build/.doctrees

# livereload serves the pages, and reloads them in the browser when a build has ended well.
PORT ?= 8000
watch: book ## Save a chapter: the package, the book and the page in the browser follow
	@$(BIN)/livereload _build/html --port $(PORT) --target _build/.good & \
	  trap "kill $$!" EXIT INT TERM; echo "Open http://localhost:$(PORT)"; \
	  $(BIN)/python -m tangle watch $(MAKE) --no-print-directory book

# The package is compared with the chapters last: whoever has edited one of them sees
# the tests that fail by it.
test: .venv/.test ## Lint, type-check, run the tests, check the package against the chapters
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(PYTEST) -m '$(TESTS)' $(DURATIONS)
	$(BIN)/python -m tangle --check

test-all: TESTS = long or not long
test-all: DURATIONS = --durations=20
test-all: test ## The same with the tests that take long, and the list of the slowest

# A process for each core; what it computes, it computes in one thread, as training does.
PYTEST = OMP_NUM_THREADS=1 $(BIN)/pytest -n logical --maxprocesses 8 --dist worksteal
TESTS = not long

# In somebody's own environment, say what is missing instead of a traceback.
CAN_TANGLE = $(PY) -c 'import myst_parser, sphinx_external_toc' 2>/dev/null || { \
  echo "$(PY) lacks the packages that tangle needs: run it with -m pip install -e '.[test]', or leave that environment"; exit 1; }

tangle: $(READY) ## Write the package and its tests from the chapters
	@$(CAN_TANGLE)
	$(PY) -m tangle

check: $(READY) ## Is the package what the chapters say? Prints the difference
	@$(CAN_TANGLE)
	$(PY) -m tangle --check

format: .venv/.test ## Format the generated code, and carry that back into the chapters
	$(BIN)/python -m tangle patch
	$(BIN)/ruff check --fix-only -q
	$(BIN)/ruff format -q
	$(BIN)/python -m tangle patch --shared

# Entangled has an environment of its own. Stable-Baselines3 is only a folder on the path:
# what it depends on, spinup_lit does too, and so both run on the same versions of all.
ENTANGLED := _build/bench/entangled-2.1.13
SB3 := _build/bench/stable-baselines3-2.9.2
SBX := _build/bench/sbx-0.28.0

bench: bench-tangle bench-ppo bench-offpolicy ## Time tangle, PPO, SAC and TD3 beside their peers

bench-tangle: $(READY) $(ENTANGLED)/.ready ## Time tangle beside Entangled on generated books
	@$(CAN_TANGLE)
	$(PY) bench/tangle.py $(CURDIR)/$(ENTANGLED)/bin/entangled

bench-ppo: $(READY) $(SB3)/.ready ## Time PPO beside Stable-Baselines3
	PYTHONPATH=$(CURDIR):$(CURDIR)/$(SB3) $(PY) bench/ppo.py

bench-learning: $(READY) $(SB3)/.ready ## Train SAC and TD3 of Stable-Baselines3 as the book's runs are trained, an hour
	PYTHONPATH=$(CURDIR):$(CURDIR)/$(SB3) $(PY) bench/learning.py

bench-offpolicy: $(READY) $(SBX)/.ready ## Time SAC and TD3 beside Stable-Baselines3 and SBX (GOAL=yes: until they have learnt)
	PYTHONPATH=$(CURDIR) GOAL=$(GOAL) $(SBX)/bin/python bench/offpolicy.py

bench-device: $(READY) $(SB3)/.ready ## Check SAC on a GPU, and time it beside Stable-Baselines3 there
	PYTHONPATH=$(CURDIR):$(CURDIR)/$(SB3) $(PY) bench/device.py

$(ENTANGLED)/.ready: | $(READY)
	$(PY) -m venv $(@D)
	$(@D)/bin/python -m pip --disable-pip-version-check install -q entangled-cli==2.1.13
	@touch $@

$(SB3)/.ready: | $(READY)
	$(PY) -m pip --disable-pip-version-check install -q --no-deps --upgrade --target $(@D) stable-baselines3==2.9.2
	@touch $@

# SBX brings JAX, and so has an environment of its own, with what spinup_lit needs in it.
$(SBX)/.ready: | $(READY)
	$(PY) -m venv $(@D)
	$(@D)/bin/python -m pip --disable-pip-version-check install -q '$(TORCH)'
	$(@D)/bin/python -m pip --disable-pip-version-check install -q . stable-baselines3==2.9.2 sbx-rl==0.28.0
	@touch $@

ONLY ?= *
results: $(READY) ## Train what the learning curves lack, hours; or confirm old results (ONLY=NAME, CONFIRM=yes)
	$(PY) -m spinup_lit.run results --only '$(ONLY)' $(if $(CONFIRM),--confirm)

# Not in continuous integration, which may have no browser.
test-pages: book .venv/.pages ## Check the built pages in a browser (needs Chromium)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pytest tests/pages

# Debian and others give Chromium other names; CHROMIUM=PATH names any.
CHROMIUM ?= $(firstword $(foreach n,chromium chromium-browser google-chrome,$(shell command -v $n)))
export CHROMIUM

need-chromium:
	@test -n "$(CHROMIUM)" || { echo "no Chromium found to print with: install it" \
	  "(Debian and Ubuntu: apt install chromium), or name one: make pdf CHROMIUM=PATH"; exit 1; }

pdf: need-chromium book ## Print the book into _build/book.pdf (needs Chromium)
	rm -rf _build/singlehtml
	$(BIN)/jupyter-book build book -W --keep-going --builder singlehtml
	"$(CHROMIUM)" --headless $$(test "$$(id -u)" != 0 || echo --no-sandbox) --disable-gpu --log-level=3 \
	  --no-pdf-header-footer --generate-pdf-document-outline --virtual-time-budget=60000 \
	  --print-to-pdf=_build/book.pdf "file://$(CURDIR)/_build/singlehtml/index.html" 2>/dev/null
	@test -s _build/book.pdf && ls -l _build/book.pdf

clean: ## Remove what was built
	rm -rf _build .mypy_cache .pytest_cache .ruff_cache .hypothesis MUJOCO_LOG.TXT

distclean: clean ## Remove what was installed, too
	rm -rf .venv node_modules tests/pages/node_modules *.egg-info

.venv/.python:
ifeq ($(PYTHON),)
	$(error Python 3.11 or newer is needed, and none was found; name one with PYTHON=)
endif
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) has no venv module (on Debian and Ubuntu: apt install python3-venv)"; exit 1; }
	@echo "Setting up .venv: a few minutes, once."
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.torch: .venv/.python $(if $(filter-out $(shell cat .venv/.torch 2>/dev/null),$(TORCH)),again)
	$(PIP) $(TORCH)
	@printf '%s' "$(TORCH)" > $@

.venv/.test: .venv/.torch pyproject.toml
	$(PIP) -e '.[test]'
	@touch $@

.venv/.book: .venv/.test package-lock.json
	$(PIP) -e '.[test,book]'
	$(BIN)/npm ci --loglevel=error
	@touch $@

.venv/.pages: .venv/.book tests/pages/package-lock.json
	$(PIP) -e '.[test,book,pages]'
	PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --prefix tests/pages --ignore-scripts --loglevel=error
	@touch $@

.PHONY: again
