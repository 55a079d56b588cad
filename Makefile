# Two commands matter: `make book` and `make test`. `make help` lists the rest.

PYTHON ?= python3
# Relative on purpose: a path with spaces above this folder does no harm.
RUN := .venv/bin/python
STAMP := .venv/installed-for

.DEFAULT_GOAL := help
.PHONY: help environment book test lab chapter map sensitivity mutants record spread critics benchmarks vendor address \
	format clean moved

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /\1|/' | awk -F'|' '{ printf "  make %-12s %s\n", $$1, $$2 }'

environment: $(STAMP) ## make .venv with exactly the packages of requirements.txt

# An environment that was copied or moved along with the clone would import the library of the old place.
ifneq "$(shell cat $(STAMP) 2>/dev/null)" "$(CURDIR)"
$(STAMP): moved
endif
moved:

$(STAMP): requirements.txt pyproject.toml
	@command -v "$(PYTHON)" >/dev/null || { echo "No '$(PYTHON)' here. Install Python 3.11 or newer, or name it: make PYTHON=python3.12 book"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "'$(PYTHON)' is $$("$(PYTHON)" --version), and the book needs Python 3.11 or newer."; \
		echo "Name a newer one, for example: make PYTHON=python3.12 book"; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "'$(PYTHON)' cannot make environments. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Making the environment .venv (about two minutes the first time) ..."
	@"$(PYTHON)" -m venv .venv
	@# --no-compile: Python compiles what it imports when it imports it, which is a small part of all that lies there
	@$(RUN) -m pip install --disable-pip-version-check --no-compile -r requirements.txt
	@printf '%s' "$(CURDIR)" > $@

book: $(STAMP) ## run the chapters that changed and render _build/html/index.html
	@$(RUN) chapters/_site/build.py

test: $(STAMP) ## run every check
	@$(RUN) tests/run.py

chapter: $(STAMP) ## lay out a new chapter: make chapter NAME=14_spectral_normalization
	@$(RUN) chapters/_site/new_chapter.py $(NAME)

map: $(STAMP) ## write the README's table of chapters and the parts of lib that they use
	@$(RUN) chapters/_site/readme_map.py

sensitivity: $(STAMP) ## change one operator at a time in a chapter's cells: make sensitivity CHAPTER=12
	@$(RUN) tests/sensitivity $(CHAPTER)

mutants: $(STAMP) ## plant faults one at a time in a copy; every one must be noticed
	@$(RUN) tests/mutants.py

record: $(STAMP) ## run the chapters that changed and store their outputs in chapters/*.ipynb
	@$(RUN) chapters/_site/execute.py --record

spread: $(STAMP) ## run the stored experiments again, over all seeds
	@for each in lib/experiments/chapter_*.py; do $(RUN) -m lib.experiments.$$(basename $$each .py) || exit 1; done
	@$(RUN) benchmarks/critics.py

critics: $(STAMP) ## train every kind of critic against the exact distance again, and print the table
	@$(RUN) benchmarks/critics.py

benchmarks: $(STAMP) ## measure exact transport against the bare solvers, fused attention, and a normalised critic, as ratios
	@$(RUN) benchmarks/transport.py
	@$(RUN) benchmarks/attention.py
	@$(RUN) benchmarks/normalisation.py

vendor: $(STAMP) ## fetch the vendored JavaScript again from npm
	@$(RUN) chapters/_site/vendor.py

lab: $(STAMP) ## install JupyterLab into .venv and open the chapters in it
	@$(RUN) -m pip install --disable-pip-version-check --quiet -r requirements-lab.txt
	@$(RUN) -m jupyterlab chapters

address: $(STAMP) ## write the repository's address (_config.yml) into each chapter's first cell
	@$(RUN) chapters/_site/address.py

format: $(STAMP) ## format code and notebooks, and fix what can be fixed
	@$(RUN) -m ruff check --fix .
	@$(RUN) -m ruff format .

clean: ## delete what was built (the environment stays; delete .venv to renew it)
	rm -rf _build
	find lib tests chapters -name __pycache__ -type d -prune -exec rm -rf {} +
