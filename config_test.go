package deskauth_test

import (
	"log/slog"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
	"github.com/google/uuid"
)

func TestNewNamesTheBadField(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	argon2 := func(memory, time uint32, parallelism uint8) deskauth.Config {
		return deskauth.Config{
			Argon2: deskauth.Argon2Params{Memory: memory, Time: time, Parallelism: parallelism},
		}
	}
	for _, tt := range []struct {
		cfg   deskauth.Config
		field string // good if empty
	}{
		{deskauth.Config{Issuer: "tiledesk.com"}, "Issuer"},
		{deskauth.Config{Issuer: "ftp://tiledesk.com"}, "Issuer"},
		{deskauth.Config{Issuer: "https://"}, "Issuer"},
		{deskauth.Config{Issuer: "https://:8080"}, "Issuer"},
		{deskauth.Config{Issuer: "https:tiledesk.com"}, "Issuer"},
		{deskauth.Config{Issuer: "//tiledesk.com"}, "Issuer"},
		{deskauth.Config{Issuer: "https://tiledesk.com/"}, "Issuer"},
		{deskauth.Config{Issuer: "https://user@tiledesk.com"}, "Issuer"},
		{deskauth.Config{Issuer: "https://tiledesk.com?a=b"}, "Issuer"},
		{deskauth.Config{Issuer: "https://tiledesk.com?"}, "Issuer"},
		{deskauth.Config{Issuer: "https://tiledesk.com#a"}, "Issuer"},
		{deskauth.Config{Issuer: "https://tile desk.com"}, "Issuer"},
		{deskauth.Config{Issuer: "https://tiledesk.com/\n"}, "Issuer"},
		{deskauth.Config{Issuer: "https://tiledesk.com/%zz"}, "Issuer"},
		{deskauth.Config{Issuer: "https://" + strings.Repeat("a", 600)}, "Issuer"},
		{deskauth.Config{Issuer: "http://localhost:8080"}, ""},
		{deskauth.Config{Issuer: "https://auth.example.com/tenant/a"}, ""},
		{deskauth.Config{SessionTTL: -1}, "SessionTTL"},
		{deskauth.Config{SessionTTL: time.Second - 1}, "SessionTTL"},
		{deskauth.Config{SessionTTL: 101 * 365 * day}, "SessionTTL"},
		{deskauth.Config{SessionTTL: time.Second}, ""},
		{deskauth.Config{GuestTTL: -day}, "GuestTTL"},
		{deskauth.Config{GuestTTL: 500 * time.Millisecond}, "GuestTTL"},
		{deskauth.Config{GuestTTL: 101 * 365 * day}, "GuestTTL"},
		{deskauth.Config{MaxSessionAge: -day}, "MaxSessionAge"},
		{deskauth.Config{MaxSessionAge: 101 * 365 * day}, "MaxSessionAge"},
		{deskauth.Config{Leeway: -time.Second}, ""},
		{deskauth.Config{Leeway: 10*time.Minute + 1}, "Leeway"},
		{deskauth.Config{Leeway: 10 * time.Minute}, ""},
		{deskauth.Config{Leeway: 1}, ""},
		{deskauth.Config{CallTimeout: -time.Second}, "CallTimeout"},
		{deskauth.Config{CallTimeout: time.Millisecond - 1}, "CallTimeout"},
		{deskauth.Config{CallTimeout: time.Millisecond}, ""},
		{deskauth.Config{CallTimeout: time.Hour}, ""},
		{deskauth.Config{CallTimeout: time.Hour + 1}, "CallTimeout"},
		{deskauth.Config{CustomTokenMaxAge: -time.Second}, "CustomTokenMaxAge"},
		{deskauth.Config{CustomTokenMaxAge: 101 * 365 * day}, "CustomTokenMaxAge"},
		{argon2(19<<10, 0, 0), "Argon2: time"},
		{argon2(0, 2, 1), "Argon2: memory"},
		{argon2(7, 1, 1), "Argon2: memory"},
		{argon2(256<<10+1, 1, 1), "Argon2: memory"},
		{argon2(64, 17, 1), "Argon2: time"},
		{argon2(1024, 1, 17), "Argon2: parallelism"},
		{argon2(256<<10, 16, 16), ""},
		{deskauth.Config{HashParallelism: -1}, "HashParallelism"},
		{deskauth.Config{HashQueue: -1}, "HashQueue"},
		{deskauth.Config{HashParallelism: 1, HashQueue: 1}, ""},
		{deskauth.Config{HashQueue: math.MaxInt}, "HashQueue"},
		{deskauth.Config{HashParallelism: math.MaxInt}, "HashParallelism"},
		{deskauth.Config{HashParallelism: 1 << 12, HashQueue: 1 << 20}, ""},
		{deskauth.Config{MinPasswordLength: -1}, "MinPasswordLength"},
		{deskauth.Config{MinPasswordLength: 4097}, "MinPasswordLength"},
		{deskauth.Config{MinPasswordLength: 1}, ""},
		{deskauth.Config{ImportedBcryptCost: 3}, "ImportedBcryptCost"},
		{deskauth.Config{ImportedBcryptCost: 15}, "ImportedBcryptCost"},
		{deskauth.Config{ImportedBcryptCost: -1}, "ImportedBcryptCost"},
		{deskauth.Config{ImportedBcryptCost: 4}, ""},
		{deskauth.Config{ImportedBcryptCost: 14}, ""},
		{deskauth.Config{CustomTokenAudience: "https://tiledesk.com/"}, "CustomTokenAudience"},
		{deskauth.Config{CustomTokenAudience: "urn:a\n"}, "CustomTokenAudience"},
		{deskauth.Config{CustomTokenAudience: strings.Repeat("a", 513)}, "CustomTokenAudience"},
		{deskauth.Config{CustomTokenAudience: strings.Repeat("a", 512)}, ""},
		{deskauth.Config{
			Issuer: "https://a.example/projects/1", CustomTokenAudience: "https://a.example",
		}, "Issuer"},
	} {
		a, err := deskauth.New(memstore.New(), testkit.Secrets(), tt.cfg)
		switch {
		case tt.field == "":
			if err != nil || a == nil {
				t.Errorf("%+v: %v, want it to be taken", tt.cfg, err)
			}
		case err == nil || a != nil || !strings.HasPrefix(err.Error(), "deskauth: Config.") ||
			!strings.Contains(err.Error(), tt.field):
			t.Errorf("%+v: %v, want an error that names the field %s", tt.cfg, err, tt.field)
		case len(err.Error()) > 400:
			t.Errorf("the error has %d bytes: %s", len(err.Error()), err)
		}
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	c := deskauth.Config{}.WithDefaults()
	procs := runtime.GOMAXPROCS(0)
	for _, field := range []struct {
		name      string
		got, want any
	}{
		{"Issuer", c.Issuer, "https://tiledesk.com"},
		{"SessionTTL", c.SessionTTL, 24 * time.Hour},
		{"GuestTTL", c.GuestTTL, 720 * time.Hour},
		{"MaxSessionAge", c.MaxSessionAge, 720 * time.Hour},
		{"Leeway", c.Leeway, 30 * time.Second},
		{"CallTimeout", c.CallTimeout, 5 * time.Second},
		{"CustomTokenAudience", c.CustomTokenAudience, "https://tiledesk.com"},
		{"CustomTokenMaxAge", c.CustomTokenMaxAge, time.Duration(0)},
		{"CustomTokenRoles", len(c.CustomTokenRoles), 0},
		{"EchoCustomToken", c.EchoCustomToken, false},
		{"BesideTiledesk", c.BesideTiledesk, false},
		{"ImportedBcryptCost", c.ImportedBcryptCost, 0},
		{"HashParallelism", c.HashParallelism, procs},
		{"HashQueue", c.HashQueue, 64 * procs},
		{"MinPasswordLength", c.MinPasswordLength, 8},
	} {
		if field.got != field.want {
			t.Errorf("the default of %s is %v, want %v", field.name, field.got, field.want)
		}
	}
	if c.Logger != slog.Default() || time.Since(c.Now()).Abs() > time.Minute {
		t.Errorf("the logger is slog's %t, the clock says %v", c.Logger == slog.Default(), c.Now())
	}
	first, second := c.NewID(), c.NewID()
	if id, err := uuid.Parse(first); err != nil || id.Version() != 7 || first == second {
		t.Errorf("the IDs are %q and %q, want UUIDv7", first, second)
	}
	if got, err := c.CanonicalEmail("A@F22.it"); got != "a@f22.it" || err != nil {
		t.Errorf("the rule for addresses makes %q, %v", got, err)
	}
	c = deskauth.Config{Issuer: "https://a.example", HashParallelism: 3}.WithDefaults()
	if c.CustomTokenAudience != "https://a.example" || c.HashQueue != 192 {
		t.Errorf("what follows from other fields is %q and %d", c.CustomTokenAudience, c.HashQueue)
	}
}

// A host may go on using what it gave to New.
func TestConfigIsCopied(t *testing.T) {
	t.Parallel()
	roles := []string{"agent"}
	k := testkit.New(t, deskauth.Config{CustomTokenRoles: roles})
	roles[0] = "admin"
	s := k.MustCustom(t, testkit.TokenA(`"1"`, `"role":"admin"`))
	if strings.Contains(string(s.User.Attributes), "role") {
		t.Errorf("the role of the changed list is kept: %s", s.User.Attributes)
	}
}
