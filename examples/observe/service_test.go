package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

const password = "correct horse battery"

// A keyring is a provider of keys that asks somewhere, as far as the service can tell.
type keyring struct{ deskauth.StaticSecrets }

// A mailbox keeps the code of the newest mail.
type mailbox struct {
	code string
	err  error
}

func (m *mailbox) Send(_ context.Context, mail deskauth.Mail) error {
	m.code = mail.CodeText()
	return m.err
}

// A desk is a service that runs, and its client.
type desk struct {
	*service
	t             *testing.T
	mail          *mailbox
	public, inner *httptest.Server
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, mail: new(mailbox)}
	keys := keyring{deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("", "HS256", strings.Repeat("s", 32))},
		Projects: map[string][]deskauth.Key{"demo": nil},
	}}
	var err error
	d.service, err = newService(memstore.New(), keys, deskauth.Config{
		Argon2:  deskauth.Argon2Params{Memory: 8, Time: 1, Parallelism: 1},
		Limits:  deskauth.Limits{GuestsPerClient: deskauth.Rate{Attempts: 1, Per: 1 << 40}},
		Limiter: deskauth.NewMemoryLimiter(nil),
		Mailer:  d.mail,
		Logger:  slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	d.public, d.inner = httptest.NewServer(d.service.public), httptest.NewServer(d.service.metrics)
	t.Cleanup(func() { d.public.Close(); d.inner.Close(); d.close() })
	return d
}

// call makes a request, and returns the token of the answer, if it has one.
func (d *desk) call(want int, token, request string, body any) string {
	d.t.Helper()
	method, path, _ := strings.Cut(request, " ")
	sent, err := json.Marshal(body)
	if err != nil {
		d.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(d.t.Context(), method, d.public.URL+path, bytes.NewReader(sent))
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", token)
	}
	answer, err := d.public.Client().Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != want {
		d.t.Fatalf("%s: %d %s, %v; want %d", request, answer.StatusCode, text, err, want)
	}
	var got struct{ Token string }
	json.Unmarshal(text, &got) // some have none
	return got.Token
}

type fields map[string]string

// live calls every endpoint, and the methods of Auth that have none.
func (d *desk) live() {
	ada := fields{"email": "ada@example.com", "password": password, "firstname": "Ada", "lastname": "Byron"}
	signin := fields{"email": ada["email"], "password": ada["password"]}
	signup := "POST /v1/auth/signup"
	d.call(200, "", signup, ada)
	d.call(403, "", signup, ada)
	d.call(401, "", "POST /v1/auth/signin", fields{"email": "bob@example.com", "password": password})
	token := d.call(200, "", "POST /v1/auth/signin", signin)
	d.call(200, token, "POST /v1/auth/signinWithCustomToken", nil)
	guest := d.call(200, "", "POST /v1/auth/signinAnonymously", fields{"id_project": "demo"})
	d.call(429, "", "POST /v1/auth/signinAnonymously", fields{"id_project": "demo"})
	d.call(200, guest, signup, fields{
		"email": "grace@example.com", "password": password, "firstname": "Grace", "lastname": "Hopper",
	})
	d.call(200, token, "GET /v1/users", nil)
	d.call(200, token, "PUT /v1/users", fields{"firstname": "Augusta"})
	d.call(200, token, "GET /v1/users/resendverifyemail", nil)
	id, err := d.auth.Verify(d.t.Context(), token)
	if err != nil {
		d.t.Fatal(err)
	}
	d.call(200, "", "PUT /v1/auth/verifyemail/"+id.UserID+"/"+d.mail.code, fields{})
	d.call(200, "", "PUT /v1/auth/requestresetpsw", fields{"email": ada["email"]})
	d.call(200, "", "GET /v1/auth/checkpswresetkey/"+d.mail.code, nil)
	d.call(200, "", "PUT /v1/auth/resetpsw/"+d.mail.code, fields{"password": password})
	token = d.call(200, "", "POST /v1/auth/signin", signin)
	d.call(200, token, "PUT /v1/users/changepsw", fields{"oldpsw": password, "newpsw": password + "!"})
	d.call(200, token, "PUT /v1/users/changeemail", fields{"email": "byron@example.com"})
	d.call(200, "", "PUT /v1/auth/changeemail/"+d.mail.code, fields{})
	signin = fields{"email": "byron@example.com", "password": password + "!"}
	d.mail.err = errors.New("no queue")
	d.call(200, "", "PUT /v1/auth/requestresetpsw", fields{"email": signin["email"]})
	token = d.call(200, "", "POST /v1/auth/signin", signin)
	d.call(200, token, "POST /v1/auth/signout", nil)
	d.call(200, "", "POST /v1/auth/signin", signin)
	d.administer(id.UserID)
	token = d.call(200, "", "POST /v1/auth/signin", signin)
	d.call(200, token, "DELETE /v1/users", nil)
}

func (d *desk) administer(id string) {
	ctx := d.t.Context()
	_, err := d.auth.CheckPassword(ctx, deskauth.SigninInput{
		Email: "byron@example.com", Password: deskauth.NewSecret(password + "!"),
	})
	_, issued := d.auth.IssueSession(ctx, deskauth.IssueInput{UserID: id})
	_, updated := d.auth.UpdateAccount(ctx, id, func(a *deskauth.Account) error { a.LastName = "King"; return nil })
	_, linked := d.auth.LinkedTo(ctx, id)
	err = errors.Join(err, issued, updated,
		d.auth.SetPassword(ctx, id, password+"!"), d.auth.SignoutEverywhere(ctx, id),
		d.auth.SetDisabled(ctx, id, true), d.auth.SetDisabled(ctx, id, false))
	missing := d.auth.DeleteUser(ctx, "nobody")
	if err = errors.Join(err, linked); err != nil || !errors.Is(missing, deskauth.ErrUserNotFound) {
		d.t.Fatalf("%v; DeleteUser of nobody: %v", err, missing)
	}
}

// exposed returns the metrics at the endpoint of Prometheus, with the labels of each.
func (d *desk) exposed() map[string][]string {
	d.t.Helper()
	answer, err := d.inner.Client().Get(d.inner.URL + "/metrics")
	if err != nil {
		d.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		d.t.Fatalf("/metrics: %d %s, %v", answer.StatusCode, text, err)
	}
	labels := map[string]map[string]bool{}
	for _, line := range regexp.MustCompile(`(?m)^(deskauth_\w+)(\{.*\})? `).FindAllStringSubmatch(string(text), -1) {
		if labels[line[1]] == nil {
			labels[line[1]] = map[string]bool{}
		}
		for _, label := range regexp.MustCompile(`(\w+)="`).FindAllStringSubmatch(line[2], -1) {
			labels[line[1]][label[1]] = true
		}
	}
	all := map[string][]string{}
	for name := range labels {
		all[name] = slices.Sorted(maps.Keys(labels[name]))
	}
	return all
}

// Metrics say how busy a service is and whether it is under attack: clients do not see it.
func TestMetricsAreNotPublic(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.call(404, "", "GET /metrics", nil)
	if len(d.exposed()) == 0 {
		t.Error("Prometheus sees nothing either")
	}
}
