package deskauth_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

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
	for _, l := range slices.Concat(allLimits, mailLimits) {
		for _, rate := range []deskauth.Rate{{Attempts: 7, Per: time.Minute}, deskauth.NoLimit} {
			var cfg deskauth.Config
			*l.rate(&cfg.Limits) = rate
			other := want
			*l.rate(&other) = rate
			if got := cfg.WithDefaults().Limits; got != other {
				t.Errorf("with %s %v the Limits are %+v, want %+v", l.name, rate, got, other)
			}
		}
	}
}

func TestNewNamesTheBadLimit(t *testing.T) {
	t.Parallel()
	const year = 366 * 24 * time.Hour
	for _, l := range slices.Concat(allLimits, mailLimits) {
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
			*l.rate(&cfg.Limits) = tt.rate
			_, err := deskauth.New(memstore.New(), testkit.Secrets(), cfg)
			switch {
			case tt.good && err != nil:
				t.Errorf("%s %v: %v, want it to be taken", l.name, tt.rate, err)
			case tt.good:
			case err == nil || !strings.HasPrefix(err.Error(), "deskauth: Config.Limits."+l.name+" is ") ||
				!strings.Contains(err.Error(), "NoLimit"):
				t.Errorf("%s %v: %v, want an error that names the field and what it may be", l.name, tt.rate, err)
			}
		}
	}
}

func TestNoLimitSwitchesOneLimitOff(t *testing.T) {
	t.Parallel()
	for _, l := range allLimits {
		var cfg deskauth.Config
		defaults := cfg.WithDefaults().Limits
		off := *l.rate(&defaults)
		*l.rate(&cfg.Limits) = deskauth.NoLimit
		asked := make(map[deskauth.Rate]bool)
		cfg.Limiter = spying(func(a deskauth.Attempt) { asked[a.Rate] = true })
		k := testkit.New(t, cfg)
		for n, other := range allLimits {
			if err := other.try(t, k, here, n); err != nil {
				t.Errorf("%s off: %v", l.name, err)
			}
		}
		if asked[off] || asked[deskauth.NoLimit] || len(asked) != len(allLimits)-1 {
			t.Errorf("%s off: the Limiter was asked for %v, want for all other limits", l.name, asked)
		}
	}
}
