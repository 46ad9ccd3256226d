package claims

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/deskauth/deskauth/internal/strictjson"
)

// Times are the three registered claims about time, RFC 7519 §4.1.4 to §4.1.6: `exp`, `nbf`
// and `iat`. A time that the token does not have is the zero time. 1970-01-01, which is 0
// in a token, is not the zero time.
type Times struct {
	ExpiresAt time.Time
	NotBefore time.Time
	IssuedAt  time.Time
}

// ErrExpired is what [Times.Check] returns after `exp`.
var ErrExpired = errors.New("the token has expired")

// Check checks the times against the clock. leeway is how far the signer's clock may be
// off.
func (t Times) Check(now time.Time, leeway time.Duration) error {
	switch {
	case !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt.Add(leeway)):
		return ErrExpired
	case !t.NotBefore.IsZero() && now.Before(t.NotBefore.Add(-leeway)):
		return fmt.Errorf("%w: the token is not valid for another %v", bad("nbf"), t.NotBefore.Sub(now).Round(time.Second))
	case !t.IssuedAt.IsZero() && now.Before(t.IssuedAt.Add(-leeway)):
		return fmt.Errorf("%w is %v in the future: set the clock of the signer, or the one of this server",
			bad("iat"), t.IssuedAt.Sub(now).Round(time.Second))
	}
	return nil
}

// read takes one of the three, and reports false for a value that is not a time.
func (t *Times) read(name string, v strictjson.Value) (ok bool) {
	var at time.Time
	at, ok = numericDate(v)
	switch name {
	case "exp":
		t.ExpiresAt = at
	case "nbf":
		t.NotBefore = at
	case "iat":
		t.IssuedAt = at
	}
	return ok
}

// lastSecond is the end of the year 2200. A later time is one in milliseconds, which would
// make a token good for ever.
const lastSecond = 7289654399

// numericDate returns the time of a number of seconds since 1970, which may have a fraction
// (RFC 7519 §2).
func numericDate(v strictjson.Value) (time.Time, bool) {
	if n, ok := v.Int64(); ok && 0 <= n && n <= lastSecond {
		return time.Unix(n, 0).UTC(), true
	}
	seconds, ok := v.Float()
	if !ok || seconds < 0 || seconds > lastSecond {
		return time.Time{}, false
	}
	whole, fraction := math.Modf(seconds)
	return time.Unix(int64(whole), int64(fraction*1e9)).UTC(), true
}
