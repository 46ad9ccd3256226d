package deskauth_test

import (
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

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
