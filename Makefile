# The modules of go.work. Those in APART are not in it: testing deskauth downloads no router, no
# client of Prometheus, no second SQLite, no OpenAPI validator, and of the rivals golang-jwt alone.
MODULES     := . sqlitestore pgxstore redislimit smtpmail oteldeskauth cmd/deskauth examples
APART       := bench examples/mounts examples/observe examples/openapi sqlitestore/oldsqlite
ALL_MODULES := $(MODULES) $(APART)
FUZZTIME    ?= 30s
BENCHTIME   ?= 1s
BENCHFLAGS  ?=
# Folders, or files of a folder (folder:a.go,b.go), that make mutate changes.
MUTATED     ?= internal/gcra internal/fairqueue internal/jose internal/passhash internal/claims internal/strictjson \
               httpadapter:forwarded.go .:limits.go,limit.go,limiter.go,client.go,envelope.go,session.go,sessiontoken.go,verify.go \
               .:customtoken.go,external.go,secret.go,key.go \
               .:state.go,statescan.go,change.go,signout.go,issue.go,beside.go \
               .:code.go,mail.go,resetpassword.go,verifyemail.go,changeemail.go,upgrade.go,link.go \
               .:signup.go,changepassword.go,updateprofile.go,deleteaccount.go
MUTATEFLAGS ?=
STATICCHECK := go run honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: check test race lint modules fuzz bench cover mutate

# What has to be green before a commit.
check: lint race modules

# The README's test command.
test:
	go test work

race:
	go test -race -shuffle=on -vet=off work # make lint vets
	cd examples/mounts && GOWORK=off go test -race ./...
	cd examples/observe && GOWORK=off go test -race -count=1 ./... # they read docs/, where go test looks for no change
	cd examples/openapi && GOWORK=off go test ./...
	cd sqlitestore/oldsqlite && GOWORK=off go test ./...

lint:
	@unformatted=$$(gofmt -l .) || exit 1; test -z "$$unformatted" || { echo "gofmt would change: $$unformatted"; exit 1; }
	go vet work
	$(STATICCHECK) $(addsuffix /...,$(addprefix ./,$(MODULES)))
	@for m in $(APART); do echo "vet $$m"; (cd $$m && GOWORK=off go vet ./... && GOWORK=off $(STATICCHECK) ./...) || exit 1; done

# Each module builds by itself, as its users build it, and its go.mod is tidy. Those in go.work
# and their tests build on Windows too, and on macOS the one with files for Unix.
modules:
	@for m in $(ALL_MODULES); do echo "build and tidy $$m"; \
		(cd $$m && GOWORK=off go build -o /dev/null ./... && GOWORK=off go mod tidy -diff) || exit 1; done
	@for m in $(MODULES); do echo "vet $$m for windows"; (cd $$m && GOOS=windows GOWORK=off go vet ./...) || exit 1; done
	GOOS=darwin GOWORK=off go vet ./...

# Every fuzz target there is, FUZZTIME each. When the time is up, Go 1.26 may report its own deadline
# as a failure of the target, without an input that fails (https://go.dev/issue/75804). Such a target
# gets another turn.
fuzz:
	@set -e; files=$$(grep -rl --include='*_test.go' '^func Fuzz' .); for file in $$files; do \
		pkg=$$(dirname $$file); \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' $$file); do \
			for turn in 1 2 3; do \
				echo "fuzz $$pkg $$target for $(FUZZTIME)"; \
				if out=$$(cd $$pkg && go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) . 2>&1); \
				then echo "$$out"; continue 2; fi; \
				echo "$$out"; \
				case "$$out" in *"Failing input"* | *panic*) exit 1;; *"context deadline exceeded"*) ;; *) exit 1;; esac; \
			done; \
			exit 1; \
		done; \
	done

# The ratios against rivals and floors, one core, and the benchmarks of each package.
bench:
	cd bench && GOWORK=off go test -run '^$$' -bench . -cpu 1 -benchtime $(BENCHTIME) $(BENCHFLAGS) ./...
	go test -run '^$$' -bench . -benchtime $(BENCHTIME) $(BENCHFLAGS) ./... ./redislimit ./smtpmail ./oteldeskauth

cover:
	go test -coverpkg=./... -coverprofile=cover.out ./...
	go tool cover -func=cover.out | tail -n 1

# How well the tests bite: each small change in the source should make one of them fail.
mutate:
	go run ./internal/tools/mutate $(MUTATEFLAGS) $(MUTATED)
