# The quick start is `make demo` and `make test`; each sets up what is missing first.
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help setup environment models demo test soak lint bench messages lock clean

help:  ## what can be made
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*##/\t/'

setup: environment models  ## a virtual environment in .venv with the locked dependencies, and the models

environment:
	@$(PYTHON) requirements/install.py

models: environment
	@$(BIN)/lawspeaker model pull default
	@$(BIN)/lawspeaker model pull tiny

demo: setup  ## the bot, the model and a chat server, all on this machine
	@$(BIN)/lawspeaker sandbox

test: setup  ## all tests, on as many cores as there are up to four
	@$(BIN)/python -m pytest -n auto --maxprocesses 4

soak: setup  ## the long versions of the tests of reliability, and a table of what they measured
	@rm -f build/reliability.json
	@LAWSPEAKER_SOAK=1 $(BIN)/python -m pytest -m soak -n auto --maxprocesses 4; ended=$$?; \
		$(BIN)/python -m tests.reliability.table && exit $$ended

lint: environment  ## formatting, style, types, import boundaries
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

bench: setup  ## how fast and how right the judge is on this machine
	@$(BIN)/python -m benchmarks.judge

CATALOGUES := $(foreach language,de fr es,bot/locales/$(language)/LC_MESSAGES/lawspeaker.po)

messages: environment  ## bring the message catalogues up to date with the texts in the source
	@mkdir -p build
	@$(BIN)/pybabel -q extract -F bot/locales/babel.cfg --no-location --sort-output --no-default-keywords -k tr -k trn:1,2 -k mark \
		-o build/lawspeaker.pot bot cogs
	@$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --width 120 -D lawspeaker -d bot/locales \
		-i build/lawspeaker.pot
	@for file in $(CATALOGUES); do grep -vE '^"(Report-Msgid|POT-Creation|PO-Revision|Last-Translator|Language-Team|Generated-By)' \
		$$file > build/catalogue.po && mv build/catalogue.po $$file; done

lock:  ## lock the dependencies anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes pyproject.toml -o requirements/base.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --extra dev pyproject.toml -o requirements/dev.txt

clean:  ## forget the environment; models and data stay
	rm -rf .venv
