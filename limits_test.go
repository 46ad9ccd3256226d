package deskauth_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// rates returns each limit by its name.
func rates(l *deskauth.Limits) map[string]*deskauth.Rate {
	all := make(map[string]*deskauth.Rate)
	v := reflect.ValueOf(l).Elem()
	for i := range v.NumField() {
		all[v.Type().Field(i).Name] = v.Field(i).Addr().Interface().(*deskauth.Rate)
	}
	return all
}

// A limit that is added has to be switched off, too.
func TestNoLimits(t *testing.T) {
	t.Parallel()
	off := deskauth.NoLimits()
	for name, rate := range rates(&off) {
		if *rate != deskauth.NoLimit {
			t.Errorf("%s is %v, want NoLimit", name, *rate)
		}
	}
}

func TestLimitsDefaults(t *testing.T) {
	t.Parallel()
	want := deskauth.Limits{
		SigninsPerClient:           deskauth.Rate{Attempts: 1000, Per: time.Hour},
		SigninsPerAccountAndClient: deskauth.Rate{Attempts: 10, Per: 15 * time.Minute},
		SigninsPerAccount:          deskauth.Rate{Attempts: 100, Per: time.Hour},
		SignupsPerClient:           deskauth.Rate{Attempts: 20, Per: time.Hour},
		GuestsPerClient:            deskauth.Rate{Attempts: 300, Per: time.Hour},
		GuestsPerProject:           deskauth.Rate{Attempts: 10_000, Per: time.Hour},
		ExternalsPerProject:        deskauth.Rate{Attempts: 5_000, Per: time.Hour},
		MailsPerAddress:            deskauth.Rate{Attempts: 5, Per: time.Hour},
		MailsPerClient:             deskauth.Rate{Attempts: 60, Per: time.Hour},
	}
	if got := (deskauth.Config{}).WithDefaults().Limits; got != want {
		t.Errorf("the default Limits are %+v, want %+v", got, want)
	}
	for name := range rates(&want) {
		for _, rate := range []deskauth.Rate{{Attempts: 7, Per: time.Minute}, deskauth.NoLimit} {
			var cfg deskauth.Config
			*rates(&cfg.Limits)[name] = rate
			other := want
			*rates(&other)[name] = rate
			if got := cfg.WithDefaults().Limits; got != other {
				t.Errorf("with %s %v the Limits are %+v, want %+v", name, rate, got, other)
			}
		}
	}
}

func TestNewNamesTheBadLimit(t *testing.T) {
	t.Parallel()
	const year = 366 * 24 * time.Hour
	for name := range rates(new(deskauth.Limits)) {
		for _, tt := range []struct {
			rate deskauth.Rate
			good bool
		}{
			{deskauth.Rate{Attempts: 1, Per: 1}, true},
			{deskauth.Rate{Attempts: 1, Per: year}, true},
			{deskauth.Rate{Attempts: 1_000_000_000, Per: time.Second}, true},
			{deskauth.NoLimit, true},
			{deskauth.Rate{}, true}, // the default
			{deskauth.Rate{Attempts: 10}, false},
			{deskauth.Rate{Per: time.Hour}, false},
			{deskauth.Rate{Attempts: -1, Per: time.Hour}, false},
			{deskauth.Rate{Attempts: -2}, false},
			{deskauth.Rate{Attempts: 10, Per: -time.Hour}, false},
			{deskauth.Rate{Attempts: 10, Per: 9}, false},
			{deskauth.Rate{Attempts: 1, Per: year + 1}, false},
			{deskauth.Rate{Attempts: 1_000_000_001, Per: time.Hour}, false},
		} {
			var cfg deskauth.Config
			*rates(&cfg.Limits)[name] = tt.rate
			_, err := deskauth.New(memstore.New(), testkit.Secrets(), cfg)
			switch {
			case tt.good && err != nil:
				t.Errorf("%s %v: %v, want it to be taken", name, tt.rate, err)
			case tt.good:
			case err == nil || !strings.HasPrefix(err.Error(), "deskauth: Config.Limits."+name+" is ") ||
				!strings.Contains(err.Error(), "NoLimit"):
				t.Errorf("%s %v: %v, want an error that names the field and what it may be", name, tt.rate, err)
			}
		}
	}
}
