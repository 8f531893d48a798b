# Every target is a thin call of what a person can run too: scripts/ and .venv/bin/.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# A Terraform that setup fetched comes before an older one.
export PATH := $(CURDIR)/.lakeward/bin:$(PATH)

BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
TWO_WORKERS := -n 2 --no-loadscope-reorder

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Make .venv from the hash-locked requirements and find or fetch Terraform
	@scripts/setup.sh

.PHONY: demo
demo: setup ## Run eight days of earthquakes through a real apply on a local cloud, and report
	@$(BIN)/lakeward demo

.PHONY: promote-demo
promote-demo: setup ## Take a release through three accounts on a local cloud, a breaking version, and one back
	@$(BIN)/lakeward promote-demo

.PHONY: down
down: ## Stop the local cloud; its data stays in .lakeward/
	@$(BIN)/lakeward down

.PHONY: test
test: setup quick terraform ## All tests that need no account, about twelve minutes on two cores
	$(PYTEST) -m "not long" $(TWO_WORKERS)

.PHONY: test-long
test-long: setup spark ## The tests marked long: promotions, four environments, every right of every role, the layer's proof
	$(PYTEST) -m "long and not hour" $(TWO_WORKERS) --durations=30

.PHONY: test-hour
test-hour: setup ## The longest: the workflows' commands over three accounts, sweeps of outages, a year of flights
	@scripts/environment.py --venv .venv-flights --lock requirements/flights.txt
	$(PYTEST) -m hour --durations=0

.PHONY: check
check: setup quick ## All static checks: ruff, mypy, import-linter, shellcheck, checkov, zizmor, actionlint
	$(BIN)/ruff format --check --quiet
	$(BIN)/shellcheck scripts/*.sh scripts/ci/*.sh .ci/run
	@scripts/environment.py --venv .venv-checkov --lock requirements/checkov.txt
	.venv-checkov/bin/checkov --config-file .checkov.yaml
	@scripts/environment.py --venv .venv-workflows --lock requirements/workflows.txt
	@$(BIN)/python scripts/workflow_checks.py

.PHONY: audit
audit: setup ## Known vulnerabilities of what ships to Lambda; needs the network
	@scripts/environment.py --venv .venv-workflows --lock requirements/workflows.txt
	.venv-workflows/bin/pip-audit --strict --disable-pip --require-hashes --requirement requirements/layer.txt

.PHONY: differential
differential: setup ## The local Athena's scalar functions against Presto's own (PyVelox)
	@scripts/environment.py --venv .venv-pyvelox --lock requirements/pyvelox.txt
	@$(BIN)/python tests/conformance/differential/compare.py --python .venv-pyvelox/bin/python

.PHONY: flights-year
flights-year: ## Replace the recorded days of the flights' datasets by the whole year of 2013
	@scripts/environment.py --venv .venv-flights --lock requirements/flights.txt
	@.venv-flights/bin/python scripts/flights_samples.py --year

.PHONY: spark
spark: setup ## Make .venv-spark, in which a local cloud runs the Glue job; needs Java 17
	@scripts/environment.py --venv .venv-spark --lock requirements/spark.txt

.PHONY: dbt
dbt: setup ## Run a dbt project twice against the local cloud's Athena
	$(PYTEST) -m long tests/conformance/test_clients_dbt.py

.PHONY: bench
bench: setup ## Time the whole transform beside bare DuckDB, pandas, dlt and Spark on 60 MB, 600 MB and 6 GB
	@scripts/environment.py --venv .venv-bench --lock requirements/bench.txt
	$(BIN)/python benchmarks/transform/compare.py $(BENCH)

.PHONY: quick
quick:
	$(BIN)/ruff check --quiet
	$(BIN)/mypy
	$(BIN)/mypy scripts
	$(BIN)/lint-imports --no-logo

.PHONY: terraform
terraform: setup ## Format, validate and test every Terraform folder
	@$(BIN)/python scripts/terraform_checks.py

.PHONY: build
build: setup ## Build dist/functions/<sha256>.zip
	@$(BIN)/python scripts/build_functions.py

.PHONY: layer
layer: setup ## Build dist/layers/<sha256>.zip and prove that it runs outside this environment
	@$(BIN)/python scripts/build_layer.py --check

.PHONY: lock
lock: setup ## Resolve requirements/*.in into their lock files again
	@scripts/lock.sh

.PHONY: clean
clean: ## Stop the local cloud and remove everything that make made
	@if [[ -f .lakeward/local/cloud.json && -x $(BIN)/lakeward ]]; then $(BIN)/lakeward down; fi
	@if [[ -d .lakeward/promote-demo/first && -x $(BIN)/lakeward ]]; then $(BIN)/lakeward promote-demo --stop; fi
	rm -rf .lakeward dist build .venv .venv-bench .venv-checkov .venv-dbt .venv-flights .venv-pyvelox .venv-spark .venv-workflows .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
