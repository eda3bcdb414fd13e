# One line each; the work is in .ci/, and is the same by hand and in CI.
.PHONY: help setup browser spa build up test test-full compose e2e check generate fmt bench dist clean

# What people do in the console, and what it may take. The other flows look at each of its pages.
FLOWS = 10- 20- 30- 40- 45- 50- 60- 65- 92- 97-

help: ## show this list
	@sed -n 's/^\([a-z0-9-]*\):.*## /  make \1\t/p' Makefile | expand -t 18

setup: ## install what is missing: PostgreSQL, Redis, Docker Engine, Traefik
	@.ci/setup

browser: ## the same, and the browser that tests of the console run in
	@.ci/setup browser

spa: ## build the console into admin-spa/dist
	@.ci/spa

build: spa ## build the programs
	cargo build --locked --bins

up: setup build ## run the whole stack in the foreground, with two demo tenants
	@exec target/debug/gateway dev --demo

test: browser spa ## run every test on real PostgreSQL, Redis, Docker, Traefik and Chromium
	@.ci/test
	@.ci/contract
	@.ci/compose
	@E2E_OPTIONAL=1 .ci/e2e $(FLOWS)

test-full: browser spa ## run every case of every suite; takes long
	@.ci/test-full
	@.ci/contract 900
	@.ci/compose full
	@.ci/e2e
	@.ci/dist-twice
	@.ci/units-run

compose: setup spa ## run the image and the compose files on an engine of their own
	@.ci/compose

e2e: browser ## run the console in a browser against a whole stack
	@.ci/e2e

check: setup spa ## formatting, lints, docs, licences, generated files
	@.ci/check

generate: ## write every generated file anew
	@.ci/generate

fmt: ## format the source
	cargo fmt

bench: setup ## measure against the raw floor in the same run
	@.ci/bench

dist: ## build the tarball of a release from the commit that is checked out
	@.ci/dist

clean: ## remove build products; not the data of `make up`
	cargo clean
