package deskauth_test

import (
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

func TestNewNeedsAStoreAndKeys(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		users   deskauth.UserStore
		secrets deskauth.SecretProvider
		says    string
	}{
		"no store":       {nil, testkit.Secrets(), "memstore.New()"},
		"no provider":    {memstore.New(), nil, "StaticSecrets"},
		"no session key": {memstore.New(), deskauth.StaticSecrets{}, "NewKey"},
	} {
		a, err := deskauth.New(tt.users, tt.secrets, deskauth.Config{})
		if a != nil || err == nil || !strings.Contains(err.Error(), tt.says) ||
			!strings.HasPrefix(err.Error(), "deskauth: ") {
			t.Errorf("%s: New = %v, %v; want nil and an error that says %s", name, a, err, tt.says)
		}
	}
	if _, err := deskauth.New(memstore.New(), testkit.Secrets(), deskauth.Config{}); err != nil {
		t.Errorf("the zero Config: %v", err)
	}
}

func TestGuestAddressEndsWithTheIssuersHost(t *testing.T) {
	t.Parallel()
	for issuer, host := range map[string]string{
		"https://tiledesk.com":                   "tiledesk.com",
		"https://auth.example.com:8443/tenant/a": "auth.example.com",
		"http://localhost:8080":                  "localhost",
		"http://127.0.0.1:3000":                  "127.0.0.1",
		"https://Auth.Example.COM":               "auth.example.com",
		"http://[2001:DB8::1]:3000":              "[IPv6:2001:db8::1]",
	} {
		s := testkit.New(t, deskauth.Config{Issuer: issuer}).MustGuest(t, testkit.ProjectA)
		if !strings.HasSuffix(s.User.Email, "@"+host) {
			t.Errorf("issuer %s: the guest's address is %q, want it at %s", issuer, s.User.Email, host)
		}
	}
}

func TestNowIsTheClockOfTheConfig(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	k.Clock.Advance(time.Hour)
	if got, want := k.Now(), testkit.Start.Add(time.Hour); !got.Equal(want) {
		t.Errorf("Now is %v, want Config.Now's %v", got, want)
	}
}
