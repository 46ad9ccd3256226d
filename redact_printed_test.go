package deskauth_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

func TestSessionInALogHasNoToken(t *testing.T) {
	t.Parallel()
	c := new(cage)
	s := testkit.New(t, deskauth.Config{}).MustGuest(t, testkit.ProjectA)
	c.addToken("the session token", s.Token)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("host", "session", s, slog.Group("g", "session", s))
	c.check(t, "a session in a log", log.String())
	if !strings.Contains(log.String(), s.User.ID) {
		t.Errorf("the log does not say whose session it is: %s", log.String())
	}
	text, err := json.Marshal(s)
	if err != nil || !strings.Contains(string(text), s.Token) {
		t.Errorf("the JSON of a session has no token: %s, %v", text, err)
	}
}

// An input may be a part of a request of the host's own.
func TestSecretIsDecodedFromJSON(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	k.MustSignup(t, "andrea@f22.it", canaryPassword)
	var request struct{ Signin deskauth.SigninInput }
	text := `{"signin":{"email":"andrea@f22.it","password":"` + canaryPassword + `"}}`
	if err := json.Unmarshal([]byte(text), &request); err != nil {
		t.Fatal(err)
	}
	if s, err := k.Signin(t.Context(), request.Signin); err != nil || s.Token == "" {
		t.Errorf("Signin with a password that was decoded: %v", err)
	}
	if err := json.Unmarshal([]byte(`{"signin":{"password":1}}`), &request); err == nil {
		t.Error("a number was decoded as a Secret")
	}
	encoded, err := json.Marshal(request.Signin)
	if err != nil || json.Unmarshal(encoded, &request.Signin) == nil {
		t.Errorf("an encoded input was decoded again, without its password: %s, %v", encoded, err)
	}
	var empty deskauth.Secret
	if err := empty.UnmarshalText(nil); err != nil || empty != (deskauth.Secret{}) {
		t.Errorf("no text became %v, %v; want the zero Secret", empty, err)
	}
}

func TestSecretInALog(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	secret := deskauth.NewSecret(canaryPassword)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("host", "password", secret, "none", deskauth.NewSecret(""))
	newCage().check(t, "a secret in a log", log.String())
	if want := `"password":"[redacted]","none":""`; !strings.Contains(log.String(), want) {
		t.Errorf("the log has %s, want %s", log.String(), want)
	}
}

func TestPrintedValuesStillSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	signin := deskauth.SigninInput{Email: "andrea@f22.it", Password: deskauth.NewSecret("p")}
	account := deskauth.Account{User: deskauth.User{ID: "1", CreatedAt: time.Unix(0, 0)}, PasswordHash: "h"}
	for _, tt := range []struct {
		value any
		want  []string
	}{
		{testkit.Key("kid", canarySession), []string{`"kid"`, "HS256"}},
		{signin, []string{"andrea@f22.it", "[redacted]"}},
		{account, []string{"ID:1", "[redacted]"}},
		{memstore.New(), []string{"0 accounts"}},
	} {
		for _, want := range tt.want {
			if got := fmt.Sprintf("%+v", tt.value); !strings.Contains(got, want) {
				t.Errorf("%T prints as %s, want %s in it", tt.value, got, want)
			}
		}
	}
	signin.Password = deskauth.Secret{}
	if got := fmt.Sprintf("%+v", signin); strings.Contains(got, "[redacted]") {
		t.Errorf("a password that is not there prints as one: %s", got)
	}
	if _, err := json.Marshal(deskauth.Account{}); err == nil || !strings.Contains(err.Error(), "User") {
		t.Errorf("the JSON of an Account: %v, want an error that says what to encode", err)
	}
	var broken *json.MarshalerError
	if _, err := json.Marshal(map[string]any{"a": deskauth.Account{}}); !errors.As(err, &broken) {
		t.Errorf("the JSON of an Account in a map: %v", err)
	}
}
