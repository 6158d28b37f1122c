.PHONY: check test soak mutate fuzz bench form man

# What CI does, but for installing programs.
check:
	@test -z "$$(go tool gofumpt -l . | tee /dev/stderr)"
	go vet ./...
	go vet -tags crash ./cmd/bdc
	go tool staticcheck ./...
	@test -z "$$(go tool deadcode -test ./... | tee /dev/stderr)"
	go run ./bench/suite -race -timeout 30m ./...

# The tests, and a line at the end that says what was skipped and what it needs.
test:
	go run ./bench/suite ./...

# The long suites in full: kills, manglings, office files, reconnections, fuzzing, mutations.
soak:
	BDC_TEST_KILLS=200 go test -count=1 -timeout 60m -run 'Crash|Poison|Kill' ./...
	BDC_TEST_SOAK=1 go test -count=1 -timeout 90m ./sheet/... ./cmd/... ./ingest/...
	$(MAKE) fuzz FUZZTIME=10m
	$(MAKE) mutate

# How many of MUTANTS small mistakes in the code the tests notice; SEED says which ones.
# bench/out keeps the outcomes, and a run that was ended goes on there.
MUTANTS ?= 200
SEED ?= 1
mutate:
	go run ./bench/mutate -n $(MUTANTS) -seed $(SEED)

# Every fuzz target, one after the other.
FUZZTIME ?= 1m
fuzz:
	@for p in $$(go list ./...); do for f in $$(go test -list '^Fuzz' $$p | grep '^Fuzz'); do \
		echo "$$p $$f"; go test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$p || exit 1; done; done

bench:
	go test -run '^$$' -bench . ./...
	./bench/run

# The committed blank form, made again from templates/form.toml.
form:
	go test ./sheet/form -run TestBlankIsCommitted -update

# The man pages, into a folder.
MAN ?= man
man:
	go run ./cmd/bdc man $(MAN)
