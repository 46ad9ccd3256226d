package claims

import (
	"errors"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func TestTimesCheck(t *testing.T) {
	t.Parallel()
	const leeway = 30 * time.Second
	at := func(seconds time.Duration) time.Time { return noon.Add(seconds * time.Second) }
	for _, c := range []struct {
		name  string
		times Times
		want  string // in the error; empty for none
	}{
		{"no times", Times{}, ""},
		{"all in order", Times{ExpiresAt: at(1), NotBefore: at(0), IssuedAt: at(0)}, ""},
		{"exp a moment within the leeway", Times{ExpiresAt: at(-30).Add(1)}, ""},
		{"exp at the leeway's end", Times{ExpiresAt: at(-30)}, "expired"},
		{"exp in 1970", Times{ExpiresAt: time.Unix(0, 0)}, "expired"},
		{"nbf at the leeway's end", Times{NotBefore: at(30)}, ""},
		{"nbf a moment later", Times{NotBefore: at(30).Add(1)}, "claim nbf"},
		{"iat at the leeway's end", Times{IssuedAt: at(30)}, ""},
		{"iat a moment later", Times{IssuedAt: at(30).Add(1)}, "claim iat"},
		{"iat in 1970", Times{IssuedAt: time.Unix(0, 0)}, ""},
		{"expired and from the future", Times{ExpiresAt: at(-60), IssuedAt: at(60)}, "expired"},
	} {
		err := c.times.Check(noon, leeway)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v, want no error", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want an error with %q", c.name, err, c.want)
		case errors.Is(err, ErrExpired) != (c.want == "expired"):
			t.Errorf("%s: %v, want ErrExpired only for expired tokens", c.name, err)
		}
	}
}

func TestS08_NumericDate(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Time{
		`0`:                   time.Unix(0, 0),
		`-0`:                  time.Unix(0, 0),
		`1767323045`:          time.Unix(1767323045, 0),
		`1767323045.5`:        time.Unix(1767323045, 500_000_000),
		`1.5e9`:               time.Unix(1_500_000_000, 0),
		`7289654399`:          time.Unix(7289654399, 0), // the end of 2200
		`0.0`:                 time.Unix(0, 0),
		`0.5`:                 time.Unix(0, 500_000_000),
		`7289654399.0`:        time.Unix(7289654399, 0),
		`7289654399.5`:        {},
		`7289654400`:          {},
		`1767323045000`:       {}, // milliseconds
		`253402300799`:        {}, // the year 9999
		`9007199254740992`:    {}, // 2^53
		`-1`:                  {},
		`-0.1`:                {},
		`1e999`:               {},
		`"1767323045"`:        {},
		`null`:                {},
		`true`:                {},
		`[1767323045]`:        {},
		`{"seconds":1767323}`: {},
	} {
		members := membersOf(t, `{"v":`+value+`}`)
		got, ok := numericDate(members[0].Value)
		if ok == want.IsZero() || !got.Equal(want) {
			t.Errorf("numericDate(%s) = %v, %v; want %v", value, got, ok, want)
		}
		if ok && got.Location() != time.UTC {
			t.Errorf("numericDate(%s) is in %v, want UTC", value, got.Location())
		}
	}
}

func TestTimesRead(t *testing.T) {
	t.Parallel()
	var times Times
	for _, m := range membersOf(t, `{"exp":3,"nbf":2,"iat":1}`) {
		if !times.read(string(m.Name), m.Value) {
			t.Errorf("%s was not read", m.Name)
		}
	}
	want := Times{ExpiresAt: time.Unix(3, 0).UTC(), NotBefore: time.Unix(2, 0).UTC(), IssuedAt: time.Unix(1, 0).UTC()}
	if times != want {
		t.Errorf("read %+v, want %+v", times, want)
	}
}
