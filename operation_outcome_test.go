package deskauth_test

import (
	"slices"
	"testing"

	"github.com/deskauth/deskauth"
)

// silentCalls make no event when they succeed.
var silentCalls = []string{"Verify", "VerifyStateless", "LinkedTo", "JWKS"}

// A call has one outcome at most, and it is the last event. Which calls make none stands in
// the comment of Event. Those that hash say how long it took, and no other.
func TestOneEventEndsACall(t *testing.T) {
	t.Parallel()
	hashing := []string{
		"Signup", "Signin", "Signin of nobody", "CheckPassword", "SetPassword", "UpgradeGuest",
		"ChangePassword", "ChangePassword, wrong", "ResetPassword", "RequestEmailChange",
	}
	for _, c := range allCalls {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k, _, p := settle(t, deskauth.Config{})
			_, err := c.do(t.Context(), k, p)
			events := k.Events.Take()
			silent := err == nil && (slices.Contains(silentCalls, c.method()))
			if silent != (len(events) == 0) {
				t.Fatalf("%v, and %d events; want none: %t", err, len(events), silent)
			}
			for i, e := range events {
				if last := i == len(events)-1; e.Ends != last {
					t.Errorf("event %d of %d, %s, ends the call: %t", i, len(events), e.Type, e.Ends)
				}
			}
			if silent {
				return
			}
			e := events[len(events)-1]
			if hashes := slices.Contains(hashing, c.name); hashes != (e.HashTime > 0) || hashes != (e.HashWait > 0) {
				t.Errorf("waited %v and hashed %v, want times: %t", e.HashWait, e.HashTime, hashes)
			}
			if e.HashWait+e.HashTime > e.Duration {
				t.Errorf("waited %v and hashed %v, in %v", e.HashWait, e.HashTime, e.Duration)
			}
		})
	}
}
