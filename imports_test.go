package deskauth_test

import (
	"go/parser"
	"go/token"
	"os/exec"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/testkit"
)

const module = "github.com/deskauth/deskauth"

// A source is what one directory of the repository imports.
type source struct {
	module  string // the directory of its go.mod: "." or "examples"
	imports map[string]bool
	tests   map[string]bool
}

// sources reads the import clauses of every Go file under the root, nested modules
// included, by directory. Nothing is built or downloaded for that.
func sources(t *testing.T) map[string]source {
	t.Helper()
	all, modules := map[string]source{}, map[string]bool{}
	for _, file := range testkit.Files(t, ".") {
		dir := path.Dir(file)
		if path.Base(file) == "go.mod" {
			modules[dir] = true
		}
		if !strings.HasSuffix(file, ".go") {
			continue
		}
		if _, ok := all[dir]; !ok {
			all[dir] = source{imports: map[string]bool{}, tests: map[string]bool{}}
		}
		imports := all[dir].imports
		if strings.HasSuffix(file, "_test.go") {
			imports = all[dir].tests
		}
		for _, name := range importsOf(t, file) {
			imports[name] = true
		}
	}
	for dir, s := range all {
		for s.module = dir; !modules[s.module]; s.module = path.Dir(s.module) {
		}
		all[dir] = s
	}
	return all
}

func importsOf(t *testing.T, file string) (names []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range parsed.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	return names
}

func within(name, prefix string) bool { return name == prefix || strings.HasPrefix(name, prefix+"/") }

func TestImportRules(t *testing.T) {
	t.Parallel()
	all := sources(t)
	for _, dir := range []string{".", "internal/jose", "internal/passhash", "memstore", "httpadapter"} {
		if len(all[dir].imports) == 0 {
			t.Fatalf("the directory %s has no Go files: the rules look at nothing", dir)
		}
	}
	if !all["internal/jose"].imports["github.com/lestrrat-go/jwx/v2/jws"] {
		t.Error("internal/jose imports no jws: the rules look for the wrong name")
	}
	for dir, s := range all {
		for name := range s.imports {
			if rule := broken(dir, s.module, name); rule != "" {
				t.Errorf("%s imports %s: %s", dir, name, rule)
			}
		}
		for name := range s.tests {
			if within(name, "github.com/lestrrat-go/jwx") && dir != "internal/jose" {
				t.Errorf("a test in %s imports %s: only those of internal/jose know jwx", dir, name)
			}
			if s.module == "." && strings.Contains(name, ".") && !within(name, module) && !core(name) {
				t.Errorf("a test in %s imports %s: tests of the core module need the standard library only", dir, name)
			}
		}
	}
}

// core reports whether the core module may import a package that is neither its own nor the
// standard library's.
func core(name string) bool {
	for _, dependency := range []string{
		"github.com/lestrrat-go/jwx/v2", "golang.org/x/crypto", "golang.org/x/text", "github.com/google/uuid",
	} {
		if within(name, dependency) {
			return true
		}
	}
	return false
}

// testkitDir holds what tests share; it stands above the root.
const testkitDir = "internal/testkit"

// broken returns the rule that forbids an import, or nothing.
func broken(dir, mod, name string) string {
	ours, isOurs := strings.CutPrefix(name, module+"/")
	isOurs = isOurs || name == module
	isSuite := dir == "storetest" || dir == "limitertest"
	switch {
	case within(name, "github.com/lestrrat-go/jwx/v2/jwt") || within(name, "github.com/lestrrat-go/jwx/v2/jwe"):
		return "it is too lenient for a door (docs/decisions)"
	case within(name, "github.com/lestrrat-go/jwx") && dir != "internal/jose":
		return "only internal/jose knows jwx"
	case within(name, "github.com/redis/go-redis") && dir != "redislimit" && mod != "examples":
		return "only redislimit speaks to Redis"
	case within(name, "github.com/wneessen/go-mail") && dir != "smtpmail", name == "net/smtp":
		return "only smtpmail speaks SMTP"
	case within(name, "go.opentelemetry.io") && mod != "oteldeskauth" && mod != "examples/observe":
		return "only oteldeskauth reports to OpenTelemetry"
	case mod == "oteldeskauth" && isOurs && name != module:
		return "telemetry knows the root"
	case mod == "smtpmail" && isOurs && name != module:
		return "a Mailer knows the root"
	case mod == "redislimit" && isOurs && name != module && !within(ours, "limitertest") && ours != "redislimit":
		return "a limiter knows the root, and its tests the suite"
	case mod != ".":
		// A nested module has its own dependencies, and uses ours as a host does.
		if within(name, module+"/internal") {
			return "a nested module imports nothing internal"
		}
		return ""
	case strings.Contains(name, ".") && !isOurs && !core(name):
		return "the core module has four dependencies"
	case within(name, "net/http") && dir != "httpadapter" && dir != "deskauthtest":
		return "only httpadapter speaks HTTP, and deskauthtest makes requests for tests"
	case name == "database/sql":
		return "the core module knows no driver"
	case dir == "." && isOurs && !within(ours, "internal"):
		return "the root imports nothing of ours but internal/"
	case ours == testkitDir:
		return "only tests import internal/testkit"
	case ours == "deskauthtest" && dir != testkitDir:
		return "deskauthtest is for tests only"
	case within(dir, "internal") && dir != testkitDir && isOurs && !within(ours, "internal"):
		return "internal/ imports nothing that imports it, but for internal/testkit"
	case dir == "accounts" && isOurs && name != module && !within(ours, "internal"):
		return "accounts works on any store, and knows none"
	case within(ours, "internal/suite/bite") && dir != "internal/suite/bite":
		return "internal/suite/bite starts the test binary again: it is for tests only"
	case isSuite && isOurs && name != module && ours != "internal/suite":
		return "a suite knows the root and internal/suite only"
	case !isSuite && ours == "internal/suite":
		return "internal/suite imports the package testing: it is for suites only"
	case !within(dir, "limitertest/redistest") && ours == "limitertest/redistest":
		return "limitertest/redistest starts a server: it is for tests only"
	case dir == "memstore" && isOurs && name != module:
		return "a store knows the root only"
	case dir == "httpadapter" && isOurs && (ours == "memstore" || ours == "storetest"):
		return "the adapter knows no store"
	}
	return ""
}

// Each rule forbids something.
func TestImportRulesBite(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ dir, mod, name string }{
		{".", ".", "net/http"},
		{".", ".", module + "/memstore"},
		{".", ".", module + "/httpadapter"},
		{".", ".", "database/sql"},
		{".", ".", "github.com/jackc/pgx/v5"},
		{".", ".", "github.com/lestrrat-go/jwx/v2/jws"},
		{"internal/jose", ".", "github.com/lestrrat-go/jwx/v2/jwt"},
		{"internal/jose", ".", module},
		{".", ".", module + "/internal/testkit"},
		{"accounts", ".", module + "/internal/testkit"},
		{"httpadapter", ".", module + "/deskauthtest"},
		{"deskauthtest", ".", module + "/internal/testkit"},
		{"memstore", ".", "net/http/httptest"},
		{"accounts", ".", module + "/memstore"},
		{"internal/claims", ".", module},
		{"internal/passhash", ".", module + "/memstore"},
		{"memstore", ".", module + "/internal/passhash"},
		{"storetest", ".", module + "/memstore"},
		{"httpadapter", ".", module + "/memstore"},
		{"httpadapter", ".", "github.com/lestrrat-go/jwx/v2/jwa"},
		{"examples/server", "examples", module + "/internal/jose"},
		{"bench", "bench", "github.com/lestrrat-go/jwx/v2/jwt/openid"},
		{"limitertest", ".", module + "/internal/gcra"},
		{".", ".", "github.com/redis/go-redis/v9"},
		{"pgxstore", "pgxstore", "github.com/redis/go-redis/v9"},
		{"redislimit", "redislimit", module + "/internal/gcra"},
		{".", ".", "github.com/wneessen/go-mail"},
		{"examples/server", "examples", "github.com/wneessen/go-mail/smtp"},
		{"httpadapter", ".", "net/smtp"},
		{"smtpmail", "smtpmail", module + "/memstore"},
		{"redislimit", "redislimit", module + "/memstore"},
		{".", ".", "go.opentelemetry.io/otel"},
		{"examples/server", "examples", "go.opentelemetry.io/otel/metric"},
		{"oteldeskauth", "oteldeskauth", module + "/memstore"},
		{"httpadapter", ".", module + "/limitertest/redistest"},
		{"limitertest", ".", module + "/storetest"},
		{".", ".", module + "/internal/suite"},
		{"memstore", ".", module + "/internal/suite"},
		{"internal/suite", ".", module},
		{"storetest", ".", module + "/internal/suite/bite"},
		{"limitertest", ".", module + "/internal/suite/bite"},
	} {
		if broken(tt.dir, tt.mod, tt.name) == "" {
			t.Errorf("%s may import %s", tt.dir, tt.name)
		}
	}
	for _, tt := range []struct{ dir, mod, name string }{
		{".", ".", module + "/internal/jose"},
		{"examples/server", "examples", module + "/examples/internal/sign"},
		{"httpadapter", ".", "net/http"},
		{"internal/jose", ".", module + "/internal/strictjson"},
		{"internal/testkit", ".", module + "/memstore"},
		{"internal/testkit", ".", module + "/deskauthtest"},
		{"deskauthtest", ".", module + "/memstore"},
		{"deskauthtest", ".", "net/http/httptest"},
		{"accounts", ".", module + "/internal/claims"},
		{"pgxstore", "pgxstore", "github.com/jackc/pgx/v5"},
		{"redislimit", "redislimit", "github.com/redis/go-redis/v9"},
		{"redislimit", "redislimit", module},
		{"smtpmail", "smtpmail", module},
		{"oteldeskauth", "oteldeskauth", module},
		{"oteldeskauth", "oteldeskauth", "go.opentelemetry.io/otel/metric"},
		{"examples/observe", "examples/observe", "go.opentelemetry.io/otel/sdk/metric"},
		{"examples/observe", "examples/observe", module + "/oteldeskauth"},
		{"smtpmail", "smtpmail", "github.com/wneessen/go-mail/smtp"},
		{"examples/server", "examples", "github.com/redis/go-redis/v9"},
		{"memstore", ".", module},
		{"storetest", ".", module},
		{"storetest", ".", module + "/internal/suite"},
		{"limitertest", ".", module + "/internal/suite"},
	} {
		if rule := broken(tt.dir, tt.mod, tt.name); rule != "" {
			t.Errorf("%s may not import %s: %s", tt.dir, tt.name, rule)
		}
	}
}

func TestNoJWTOrJWEInTheDependencyGraph(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	if !strings.Contains(string(out), "github.com/lestrrat-go/jwx/v2/jws\n") {
		t.Fatalf("go list names no jws: %s", out)
	}
	for name := range strings.FieldsSeq(string(out)) {
		if within(name, "github.com/lestrrat-go/jwx/v2/jwt") || within(name, "github.com/lestrrat-go/jwx/v2/jwe") {
			t.Errorf("%s is in the dependency graph", name)
		}
	}
}
