# The door for newcomers, contributors and CI. `make` alone lists the targets.

SHELL := /bin/bash
CARGO ?= cargo
# The real server: VAULT_BIN, bao or vault on PATH, or OpenBao from PyPI.
server = VAULT_BIN="$$(scripts/server-binary)"

# Most tests wait for servers, not for the processor: more of them side by side than there are cores.
export RUST_TEST_THREADS ?= $(shell echo $$(( 4 * $$(nproc) )))

.PHONY: help demo test soak bench pictures fuzz lint deps build server clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## A real server, a simulated SCM, the plugin: watch certificates being issued
	@$(server) && $(CARGO) build --locked --quiet --bins && \
		exec env VAULT_BIN="$$VAULT_BIN" target/debug/svpki demo --server-bin "$$VAULT_BIN"

test: ## Every test, the end-to-end ones in a real server included
	$(server) && export VAULT_BIN && SVPKI_FUZZ_SECONDS="$${SVPKI_FUZZ_SECONDS:-10}" CARGO="$(CARGO)" scripts/run-tests

soak: ## The tests with random input, the kills and the estate, for much longer than `make test` does
	$(server) && export VAULT_BIN && \
		SVPKI_FUZZ_SECONDS=600 $(CARGO) test --locked --test tui fuzz && \
		SVPKI_TEST_ROWS=1000 SVPKI_TEST_KILLS=10 PROPTEST_CASES=10000 $(CARGO) test --locked --test bulk && \
		SVPKI_ESTATE=20000 $(CARGO) test --locked --release --lib estate -- --nocapture

bench: ## Measure, against something that runs beside it
	$(server) && export VAULT_BIN && $(CARGO) bench --locked --bench '*'

pictures: ## Draw the README's pictures of the dashboard anew, in docs
	$(server) && export VAULT_BIN && $(CARGO) test --locked --test tui draw_the_pictures -- --ignored

fuzz: ## Random bytes for what reads files and certificates, FUZZ_SECONDS (60) for each
	scripts/fuzz

lint: ## The formatter, clippy and the docs of vault-plugin with warnings denied, retired names, imports up or in circles
	scripts/check-names
	scripts/check-circles
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps --package vault-plugin

deps: ## How many crates are compiled; licences, bans and sources of each (installs cargo-deny into .tools/ if need be)
	scripts/count-crates
	scripts/check-dependencies

build: ## The three programs, as they are released
	$(CARGO) build --locked --release --bins

server: ## Print the path of the server binary, fetching it when there is none
	@scripts/server-binary

clean: ## Remove what was built
	$(CARGO) clean
