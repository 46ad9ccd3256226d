package deskauth

import (
	"math"
	"time"

	"github.com/deskauth/deskauth/internal/strictjson"
)

// tokenTimes are the three registered claims about time, RFC 7519 §4.1.4 to §4.1.6, in
// seconds since 1970.
type tokenTimes struct {
	iat, exp, nbf float64
	has           struct{ iat, exp, nbf bool }
}

// read takes one of the three, and reports false for a value that is none.
func (t *tokenTimes) read(name string, v strictjson.Value) (ok bool) {
	switch name {
	case "iat":
		t.iat, ok = numericDate(v)
		t.has.iat = true
	case "exp":
		t.exp, ok = numericDate(v)
		t.has.exp = true
	case "nbf":
		t.nbf, ok = numericDate(v)
		t.has.nbf = true
	}
	return ok
}

// maxNumericDate is 2^53, above which not every integer is a JSON number to everybody.
const maxNumericDate = 1 << 53

// numericDate returns a number of seconds, which may have a fraction (RFC 7519 §2).
func numericDate(v strictjson.Value) (float64, bool) {
	f, ok := v.Float()
	return f, ok && f >= 0 && f < maxNumericDate
}

// lastSecond is the end of the year 9999, after which Go has no text for a time in JSON.
const lastSecond = 253402300799

func unixTime(seconds float64) time.Time {
	whole, fraction := math.Modf(min(seconds, lastSecond))
	return time.Unix(int64(whole), int64(fraction*1e9)).UTC()
}

// checkTimes checks a token's times against the clock, which may be off by the leeway.
func (a *Auth) checkTimes(t tokenTimes, now time.Time) error {
	clock := float64(now.UnixNano()) / 1e9
	leeway := a.cfg.Leeway.Seconds()
	switch {
	case t.has.exp && clock >= t.exp+leeway:
		return refuse(ErrInvalidToken, "expired")
	case t.has.nbf && clock < t.nbf-leeway:
		return refusef(ErrInvalidToken, "bad claims", "claim nbf: the token is not valid yet")
	case t.has.iat && clock < t.iat-leeway:
		return refusef(ErrInvalidToken, "bad claims", "claim iat: the token is from the future")
	}
	return nil
}
