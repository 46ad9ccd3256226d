package deskauth_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// Guests cost next to nothing to make, so they show which clients are one.
func TestS27_WhichClientsAreOne(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		one  bool
	}{
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.1", "193.0.2.1", false},
		{"2001:db8::1", "2001:db8::1", true},
		{"2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true},
		{"2001:db8::1", "2001:DB8:0:0:0:0:0:2", true},
		{"2001:db8::", "2001:db8:0:1::", false},
		{"2001:db8:0:1::1", "2001:db8:0:2::1", false},
		{"2001:db8::1", "2001:db8:1::1", false},
		{"::ffff:192.0.2.1", "192.0.2.1", true},
		{"::ffff:c000:201", "192.0.2.1", true},
		{"0:0:0:0:0:FFFF:192.0.2.1", "192.0.2.1", true},
		{"::ffff:192.0.2.1", "::ffff:192.0.2.2", false}, // as IPv6 they were one /64
		{"::192.0.2.1", "192.0.2.1", false},
		{"fe80::1%eth0", "fe80::2%eth1", true},
		{"fe80::1%eth0", "fe80::1", true},
		{"::ffff:192.0.2.1%eth0", "192.0.2.1", true},
		{"192.0.2.1", " 192.0.2.1 ", true},
		{"192.0.2.1:1", "192.0.2.1:65535", true},
		{"192.0.2.1:1", "192.0.2.2:1", false},
		{"[2001:db8::1]:1", "[2001:db8::2]:2", true},
		{"[2001:db8::1]", "2001:db8::2", true},
		{"64:ff9b::192.0.2.1", "64:ff9b::192.0.2.2", false}, // translated, RFC 6052
		{"64:ff9b::c000:201", "192.0.2.1", true},
		{"64:ff9b:1::1", "64:ff9b:1::2", true},
		// Names: all that is not an address.
		{"phone 7", "phone 7", true},
		{"phone 7", "Phone 7", false},
		{"phone 7", "phone 7 ", true}, // a header's text is often cut at a comma
		{"phone:7", "phone:8", false},
		{strings.Repeat("a", 199) + "1", strings.Repeat("a", 199) + "2", false},
		{strings.Repeat("a", 200) + "1", strings.Repeat("a", 200) + "2", true}, // a key has an end
		{"192.0.2.1", "192.0.2.01", false},
		{"192.0.2", "192.0.2.0", false},
		{"unknown", "-", false},
		{" ", "\t", false}, // unknown, as without any text
		{" ", " ", false},
		{"@", "", false},
		{"\xff", "\xfe", false},
		{"\xff", "\xff", true}, // a name for whoever reads it, in a spelling that a store takes
		{strings.Repeat("a", 199) + "é", strings.Repeat("a", 199), true},
		{"a\x00b", "a\x00c", false},
		{"", "", false}, // unknown
	} {
		t.Run(fmt.Sprintf("%+.40q and %+.40q", tt.a, tt.b), func(t *testing.T) {
			limits := testkit.NoLimits()
			limits.GuestsPerClient = deskauth.Rate{Attempts: 1, Per: time.Hour}
			k := testkit.New(t, deskauth.Config{Limits: limits})
			guest := func(client string) error {
				_, err := k.SigninAnonymously(t.Context(), deskauth.AnonymousInput{
					ProjectID: testkit.ProjectA, Client: client,
				})
				return err
			}
			if err := guest(tt.a); err != nil {
				t.Error(err)
			}
			err := guest(tt.b)
			retry, limited := errors.AsType[*deskauth.RetryError](err)
			switch {
			case tt.one && (!limited || !errors.Is(err, deskauth.ErrTooManyAttempts) || retry.After != time.Hour):
				t.Errorf("the second: %v, want it refused for an hour", err)
			case !tt.one && err != nil:
				t.Errorf("the second: %v, want it to be another client", err)
			}
		})
	}
}
