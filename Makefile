# People need two of these: `make lab` opens the course, `make test` proves everything. Both build .venv by themselves.

.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
# The first Python that is new enough; `make PYTHON=/path/to/python lab` chooses another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

.PHONY: help lab test test-long lessons course slides docs prose check pictures bench lock clean

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(VENV)/.ready: pyproject.toml requirements.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; none was found. Set PYTHON=/path/to/python3."; exit 1; }
	@echo "Building $(VENV) with $(PYTHON): one to three minutes the first time."
ifneq ($(UV),)
	uv venv -q --allow-existing --python "$(PYTHON)" $(VENV)
	uv pip install -q -p $(BIN)/python -r requirements.lock
	uv pip install -q -p $(BIN)/python --no-deps -e .
else
	"$(PYTHON)" -m venv $(VENV) || { echo "The venv module is missing; on Debian: apt install python3-venv."; exit 1; }
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
endif
	@# The first import looks through all fonts, and a slow one says so on stderr: not inside a lesson's stored output.
	@$(BIN)/python -c 'import matplotlib.font_manager'
	@touch $@

# nbgrader has an environment of its own: it puts panels into JupyterLab that learners should not meet.
NBGRADER := .venv-nbgrader
$(NBGRADER)/.ready: requirements-nbgrader.lock
	"$(PYTHON)" -m venv $(NBGRADER)
	$(NBGRADER)/bin/python -m pip install -q --disable-pip-version-check -r requirements-nbgrader.lock
	$(NBGRADER)/bin/python -m pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

lab: $(VENV)/.ready ## open the course in JupyterLab
	$(BIN)/simregistry lab

test: $(VENV)/.ready $(NBGRADER)/.ready ## run the tests, and every lesson against its stored outputs
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not long"
	SIMREGISTRY_PROGRESS=off SIMREGISTRY_PREDICTIONS=skip $(BIN)/python -m pytest -q --nbval --nbval-current-env --nbval-sanitize-with tests/sanitize.cfg \
	  -p no:cacheprovider -n 2 --dist loadscope notebooks

test-long: $(VENV)/.ready ## run what takes longer: more seeds, exhaustive searches, mutations
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m long

lessons: $(VENV)/.ready ## write the exercise notebooks anew, and execute all notebooks in place
	$(BIN)/python .ci/execute_lessons.py

course: $(VENV)/.ready ## write student copies, keys, worksheets and nbgrader assignments to build/course
	$(BIN)/simregistry handouts --out build/course

slides: $(VENV)/.ready ## make the five slide decks, HTML and PDF, in slides/build
	$(BIN)/python .ci/slides.py

docs: $(VENV)/.ready ## build the reference pages in build/docs; open index.html there
	rm -rf build/docs
	$(BIN)/python .ci/docs/build.py

prose: $(VENV)/.ready ## measure the prose of the lessons; NAMES="05 07" lists every sentence over a limit
	$(BIN)/python .ci/prose.py $(NAMES)

check: $(VENV)/.ready ## lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

pictures: $(VENV)/.ready ## draw the pictures of the README and the lessons
	$(BIN)/python .ci/pictures.py
	$(BIN)/python .ci/lesson_pictures

bench: $(VENV)/.ready ## measure speed and memory beside the peers, and write benchmarks/RESULTS.md
	$(BIN)/python benchmarks/run.py

lock: $(VENV)/.ready ## resolve requirements.lock anew (needs uv)
	uv pip compile -q --no-header --no-annotate --no-emit-index-url --python-version 3.11 --group dev --group peers pyproject.toml -o requirements.lock

clean: ## remove what was built
	rm -rf $(VENV) $(NBGRADER) build slides/build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
