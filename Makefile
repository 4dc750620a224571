# The door for newcomers, contributors and CI. `make` alone lists the targets.

SHELL := /bin/bash
CARGO ?= cargo
# The real server: VAULT_BIN, bao or vault on PATH, or OpenBao from PyPI.
server = VAULT_BIN="$$(scripts/server-binary)"

.PHONY: help demo test bench fuzz lint deps build server clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## A real server, a simulated SCM, the plugin: watch certificates being issued
	@$(server) && $(CARGO) build --locked --quiet --bins && \
		exec env VAULT_BIN="$$VAULT_BIN" target/debug/svpki demo --server-bin "$$VAULT_BIN"

test: ## Every test, the end-to-end ones in a real server included
	$(server) && export VAULT_BIN && $(CARGO) test --locked

bench: ## Measure, against something that runs beside it
	$(server) && export VAULT_BIN && $(CARGO) bench --locked --bench '*'

fuzz: ## Random bytes for what reads files and certificates, FUZZ_SECONDS (60) for each
	scripts/fuzz

lint: ## The formatter and clippy, warnings denied
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

deps: ## Licences, bans and sources of every dependency (installs cargo-deny into .tools/ when it is not there)
	scripts/check-dependencies

build: ## The three programs, as they are released
	$(CARGO) build --locked --release --bins

server: ## Print the path of the server binary, fetching it when there is none
	@scripts/server-binary

clean: ## Remove what was built
	$(CARGO) clean
