.PHONY: check test soak bench form

# What CI does, but for installing programs.
check:
	@test -z "$$(go tool gofumpt -l . | tee /dev/stderr)"
	go vet ./...
	go vet -tags crash ./cmd/bdc
	go tool staticcheck ./...
	go test -race -timeout 30m ./...

test:
	go test ./...

# The long suites in full: kills, hostile files, fuzzing.
soak:
	BDC_TEST_KILLS=200 go test -count=1 -timeout 60m -run 'Crash|Poison|Kill' ./...
	./bench/fuzz 10m

bench:
	go test -run '^$$' -bench . ./...
	./bench/run

# The committed blank form, made again from templates/form.toml.
form:
	go test ./sheet -run TestBlankIsCommitted -update
