package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// fragmentImports are the packages that fragments of code in the docs may use.
var fragmentImports = []string{
	"context", "crypto/x509", "database/sql", "encoding/pem", "errors", "fmt", "log",
	"net/http", "net/http/httptest", "os", "testing", "time",
	"github.com/deskauth/deskauth",
	"github.com/deskauth/deskauth/accounts",
	"github.com/deskauth/deskauth/authtest",
	"github.com/deskauth/deskauth/httpadapter",
	"github.com/deskauth/deskauth/memstore",
	"github.com/deskauth/deskauth/pgxstore",
	"github.com/deskauth/deskauth/secrets",
	"github.com/deskauth/deskauth/sqlitestore",
	"github.com/deskauth/deskauth/storetest",
	"github.com/jackc/pgx/v5/pgxpool",
	"github.com/rs/cors",
}

// fragmentNames declare what fragments do not say themselves.
const fragmentNames = `
var (
	ctx     context.Context
	auth    *deskauth.Auth
	keys    deskauth.SecretProvider
	store   *pgxstore.Store
	pool    *pgxpool.Pool
	db      *sql.DB
	mux     *http.ServeMux

	email, password, client, bcryptHash, oldSecret, newSecret, shopSecret string

	takeInvitation                                      func(code string) error
	invitation, usedInvitation, resetCode, sessionToken string

	mystore       struct{ New func(*sql.DB) deskauth.UserStore }
	emptyDatabase func(*testing.T) *sql.DB

	telemetry interface{ OnEvent(context.Context, deskauth.Event) }
	audit     func(context.Context, deskauth.Event)
)
`

// fileless are the languages of blocks that need not be from a file. Go is compiled here.
// TestCurl runs the commands for a server; JSON is what those answer.
var fileless = map[string]bool{"": true, "go": true, "json": true, "mermaid": true, "sh": true}

// TestCode compiles all Go in the docs. A block that says which file it is from has to be a
// piece of that file, which is tested where it stands. Those of most languages have to say
// it.
func TestCode(t *testing.T) {
	t.Parallel()
	compile := newCompiler(t)
	checked := 0
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			if b.from == "" && !fileless[b.language] {
				t.Errorf("%s:%d does not say which file its %s is from", b.page, b.number, b.language)
			}
			if b.language != "go" && b.from == "" {
				continue
			}
			checked++
			if b.from == "" {
				if err := compile.fragment(b.page, b.number, b.text); err != nil {
					t.Error(err)
				}
				continue
			}
			source, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(b.from)))
			if err != nil {
				t.Errorf("%s:%d: %v", b.page, b.number, err)
			} else if !strings.Contains(string(source), b.text) {
				t.Errorf("%s:%d: %s does not have\n%s", b.page, b.number, b.from, b.text)
			}
		}
	}
	if checked < 20 {
		t.Errorf("%d blocks are checked: the test does not find them", checked)
	}
}

// readsRequest finds code that decides which client a request is from, settings of proxies
// included, or where its token is.
var readsRequest = regexp.MustCompile(`(?i)\.Header\b|RemoteAddr|httpadapter\.Config\{[^}]*Client|\.Client = |` +
	`Forwarded-?For|forwardfor|Real-IP|MiddlewareConfig\{[^}]*Token|\.Cookies?\w*\(|CrossOriginProtection\(`)

// attacks are the files that such code may stand in, and the test that attacks it there:
// its file, what its name begins with, and what it uses, if the code is not called by name.
var attacks = map[string]struct{ file, test, uses string }{
	"httpadapter/example_test.go":          {"httpadapter/forwarded_hostile_test.go", "TestS36_", ""},
	"examples/server/testdata/nginx.conf":  {"examples/server/proxy_test.go", "TestS36_", ""},
	"examples/server/testdata/haproxy.cfg": {"examples/server/proxy_test.go", "TestS36_", ""},
	"examples/cookies/cookies.go":          {"examples/cookies/cookies_test.go", "TestS49_", "Routes("},
	"examples/cookies/live.go":             {"examples/cookies/live_test.go", "TestS49_", "newSite("},
	"examples/mounts/fiber.go":             {"examples/mounts/mounts_test.go", "TestS24_", "routers"},
}

var goFunction = regexp.MustCompile(`(?m)^func (\w+)\(`)

// unattacked returns what is wrong with a block that reads requests, or nothing.
func unattacked(t *testing.T, b block) (problem string) {
	t.Helper()
	attack, ok := attacks[b.from]
	switch {
	case b.from == "":
		return "reads a request, and does not say which file it is from"
	case !ok:
		return "reads a request, and no test is known to attack " + b.from
	}
	source, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(attack.file)))
	if err != nil {
		t.Fatal(err)
	}
	used := []string{filepath.Base(b.from)}
	switch {
	case attack.uses != "":
		used = []string{attack.uses}
	case strings.HasSuffix(b.from, ".go"):
		used = nil
		for _, m := range goFunction.FindAllStringSubmatch(b.text, -1) {
			used = append(used, m[1]+"(")
		}
	}
	for _, name := range used {
		if !strings.Contains(string(source), name) {
			return "reads a request, and " + attack.file + " does not use " + name
		}
	}
	if len(used) == 0 || !strings.Contains(string(source), "func "+attack.test) {
		return "reads a request, and " + attack.file + " does not attack it"
	}
	return ""
}

// TestS49_CodeThatReadsRequestsIsTested wants code that decides which client a request is
// from, or where its token is, to stand in a file, where a test attacks it. A header that a
// test sets is none.
func TestS49_CodeThatReadsRequestsIsTested(t *testing.T) {
	t.Parallel()
	tested := make(map[string]bool)
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			if !readsRequest.MatchString(strings.ReplaceAll(b.text, ".Header.Set(", "")) {
				continue
			}
			if problem := unattacked(t, b); problem != "" {
				t.Errorf("%s:%d %s", b.page, b.number, problem)
			}
			tested[b.from] = true
		}
	}
	for file := range attacks {
		if !tested[file] {
			t.Errorf("no block of the docs is from %s: the test does not find it", file)
		}
	}
	for _, b := range []block{
		{language: "go", text: "c := r.Header.Get(\"X-Real-IP\")\n"},
		{language: "go", text: "cfg.Client = realip.FromRequest\n"},
		{language: "go", text: "cfg := httpadapter.MiddlewareConfig{Token: fromQuery}\n"},
		{language: "go", text: "c, err := r.Cookie(\"session\")\n"},
		{language: "go", text: "h := httpadapter.New(auth, httpadapter.Config{\n\tClient: client,\n})\n"},
		{language: "nginx", text: "proxy_set_header X-Forwarded-For $http_x_forwarded_for;\n"},
		{language: "go", text: "client := httpadapter.ForwardedFor(all)\n", from: "examples/client_test.go"},
		{language: "go", text: "func another(r *http.Request) string { return r.RemoteAddr }\n",
			from: "httpadapter/example_test.go"},
	} {
		if !readsRequest.MatchString(b.text) || unattacked(t, b) == "" {
			t.Errorf("nothing is wrong with %q of %q", b.text, b.from)
		}
	}
}

// checksTokens finds code that decides whom a token lets in, by the calls of the libraries
// that the docs speak of.
var checksTokens = regexp.MustCompile(`\.VerifyStateless\(|\bjwt\.Parse|\bjwtVerify\(`)

// TestS49_CodeThatChecksTokensIsTested wants such code to stand in a file, where tests
// attack it: a check with each of the libraries.
func TestS49_CodeThatChecksTokensIsTested(t *testing.T) {
	t.Parallel()
	tested := make(map[string]bool)
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			call := checksTokens.FindString(b.text)
			switch {
			case call == "":
			case b.from == "":
				t.Errorf("%s:%d checks a token, and does not say which file it is from", b.page, b.number)
			default:
				tested[call] = true
			}
		}
	}
	if len(tested) != 3 {
		t.Errorf("the docs check tokens with %d libraries, want deskauth and 2 others: %v", len(tested), tested)
	}
}

// A wrong fragment has to be found.
func TestCodeBites(t *testing.T) {
	t.Parallel()
	compile := newCompiler(t)
	for _, good := range []string{
		"package main\n\nfunc main() {}\n",
		"func f() error { return nil }\n",
		"x := auth\n",
		"return nil\n",
	} {
		if err := compile.fragment("good", 1, good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{
		"package main\n\nfunc main() { undeclared() }\n",
		"func f( {}\n",
		"auth.Signin(email)\n",
		"deskauth.NoSuchName()\n",
		"var x int = email\n",
		"undeclared()\n",
		"…\n",
	} {
		if err := compile.fragment("bad", 1, bad); err == nil {
			t.Errorf("%q compiles", bad)
		}
	}
}
