package signers

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

const secret = "8b4ac5b9-3f6d-4d7e-8a1c-2d8c7ad1f0e2"

// A signer makes a token with the secret of the project shop.
type signer func(t *testing.T, secret string) (token string, err error)

// programs are the signers in other languages.
var programs = []struct {
	language     string
	interpreters []string // the first one that has the library runs the program
	probe        []string // arguments with which it ends well if the library is there
	program      []string
	install      string
	always       bool // with CI=true
}{
	{"node", []string{"node"}, []string{"-e", "require('jsonwebtoken')"}, []string{"sign.mjs"},
		"npm ci --prefix examples/signers/node", true},
	{"python", []string{"python3", "/usr/bin/python3"}, []string{"-c", "import jwt"}, []string{"sign.py"},
		"apt-get install python3-jwt, or pip install PyJWT", true},
	{"php", []string{"php"}, []string{"-r", "require 'vendor/autoload.php';"}, []string{"sign.php"},
		"composer install --working-dir examples/signers/php", false},
	{"java", []string{"java"}, []string{"-cp", "lib/*", "Probe.java"}, []string{"-cp", "lib/*", "Sign.java"},
		"mvn -f examples/signers/java/pom.xml dependency:copy-dependencies -DoutputDirectory=lib", false},
}

// Each language's token signs its user in, with the profile that it claims. Another secret
// signs nobody in, and without a secret there is no token.
func TestS06_SignersOfCustomTokens(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	t.Run("go", func(t *testing.T) {
		t.Parallel()
		shop.check(t, func(_ *testing.T, secret string) (string, error) {
			return sign(secret, user{"42", "Ada", "Lovelace", "ada@example.com"})
		})
	})
	for _, p := range programs {
		t.Run(p.language, func(t *testing.T) {
			t.Parallel()
			interpreter, err := find(t, p.language, p.interpreters, p.probe)
			switch {
			case err != nil && p.always:
				testkit.Missing(t, "library", p.install, err)
			case err != nil:
				t.Skipf("no library: %v; %s", err, p.install)
			}
			shop.check(t, func(t *testing.T, secret string) (string, error) {
				return run(t, p.language, append([]string{interpreter}, p.program...), secret)
			})
		})
	}
}

// The token that names the guest whom the user was links that guest. With another secret it
// links nobody.
func TestS06_SignerThatLinksAGuest(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	node := programs[0]
	if _, err := find(t, node.language, node.interpreters, node.probe); err != nil {
		testkit.Missing(t, "library", node.install, err)
	}
	guest, err := shop.SigninAnonymously(t.Context(), deskauth.AnonymousInput{ProjectID: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		secret string
		status int
		linked bool
	}{
		{strings.Replace(secret, "8", "9", 1), http.StatusUnauthorized, false},
		{secret, http.StatusOK, true},
	} {
		token, err := run(t, node.language, []string{"env", "GUEST_TOKEN=JWT " + guest.Token, "node", "link.mjs"}, c.secret)
		if err != nil {
			t.Fatal(err)
		}
		shop.Events.Take()
		status, answer := shop.signin(t, token)
		linked := slices.Contains(testkit.Types(shop.Events.Take()), deskauth.EventGuestLinked)
		if status != c.status || linked != c.linked {
			t.Errorf("%d %s, linked %t; want %d, %t", status, answer, linked, c.status, c.linked)
		}
	}
	if _, err := shop.Verify(t.Context(), guest.Token); !errors.Is(err, deskauth.ErrInvalidToken) {
		t.Errorf("the guest's session goes on: %v, want ErrInvalidToken", err)
	}
}

// find returns the interpreter that has the library of a language.
func find(t *testing.T, folder string, interpreters, probe []string) (interpreter string, err error) {
	t.Helper()
	var failures []error
	for _, interpreter := range interpreters {
		_, err := run(t, folder, append([]string{interpreter}, probe...), secret)
		if err == nil {
			return interpreter, nil
		}
		failures = append(failures, err)
	}
	return "", errors.Join(failures...)
}

// run runs a program, and returns what it prints.
func run(t *testing.T, folder string, command []string, secret string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "SHOP_SECRET="+secret)
	if secret == "" {
		cmd.Env = cmd.Env[:len(cmd.Env)-1]
	}
	printed, err := cmd.Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		err = fmt.Errorf("%w: %s", err, failed.Stderr)
	}
	return strings.TrimSpace(string(printed)), err
}

// A shop is a server with the project shop.
type shop struct {
	*testkit.Kit
	url string
}

func newShop(t *testing.T) shop {
	t.Helper()
	secrets := testkit.Secrets()
	secrets.Projects = map[string][]deskauth.Key{"shop": {testkit.Key("", secret)}}
	k := testkit.NewOn(t, memstore.New(), secrets, deskauth.Config{Now: time.Now})
	server := httptest.NewServer(httpadapter.New(k.Auth, httpadapter.Config{}))
	t.Cleanup(server.Close)
	return shop{k, server.URL}
}

func (s shop) check(t *testing.T, sign signer) {
	t.Helper()
	token, err := sign(t, secret)
	if err != nil {
		t.Fatal(err)
	}
	status, answer := s.signin(t, token)
	var got struct {
		User struct{ ID, Email, FirstName, LastName, Plan string }
	}
	answer = strings.Replace(answer, `"_id"`, `"id"`, 1)
	if err := json.Unmarshal([]byte(answer), &got); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s, %v; want a session", status, answer, err)
	}
	want := got
	want.User.ID, want.User.Email = "42", "ada@example.com"
	want.User.FirstName, want.User.LastName, want.User.Plan = "Ada", "Lovelace", "gold"
	if got != want {
		t.Errorf("the user is %+v, want %+v", got.User, want.User)
	}
	if life := lifeOf(t, token); life != 300 {
		t.Errorf("the token is good for %d seconds, want 300", life)
	}
	other, err := sign(t, strings.Replace(secret, "8", "9", 1))
	if err != nil {
		t.Fatal(err)
	}
	if status, answer := s.signin(t, other); status != http.StatusUnauthorized {
		t.Errorf("with another secret: %d %s; want 401", status, answer)
	}
	if token, err := sign(t, ""); err == nil || token != "" {
		t.Errorf("without a secret: %q, %v; want an error", token, err)
	}
}

func (s shop) signin(t *testing.T, token string) (status int, answer string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/signinWithCustomToken", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "JWT "+token)
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.StatusCode, string(body)
}

// lifeOf returns the seconds between iat and exp.
func lifeOf(t *testing.T, token string) int64 {
	t.Helper()
	var claims struct{ Iat, Exp int64 }
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err == nil {
		err = json.Unmarshal(payload, &claims)
	}
	if err != nil {
		t.Fatal(err)
	}
	return claims.Exp - claims.Iat
}
