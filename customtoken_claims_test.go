package deskauth_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

func TestS08_TimesAreNumbers(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	guest := testkit.PartOf(t, k.MustGuest(t, testkit.ProjectA).Token, 1)
	for _, claim := range []string{"exp", "nbf", "iat"} {
		for _, value := range []string{
			`"1767323999"`, `"2030-01-01T00:00:00Z"`, `""`, `true`, `false`, `null`, `{}`,
			`{"$numberLong":"1767323999"}`, `[1767323999]`, `[]`,
			`-1`, `-1767323999`, `-0.5`, `-1e999`, `1e999`, `1e400`, `9007199254740992`, `9007199254740993`,
			`9.3e18`, `18446744073709551616`, `1` + strings.Repeat("0", 400),
		} {
			k.RefusedCustom(t, testkit.TokenA(`"123"`, `"`+claim+`":`+value), "bad claims")
		}
		for _, value := range []string{`NaN`, `Infinity`, `-Infinity`, `0x10`, `1_000`, `+1`, `01`, `.5`, `1.`} {
			k.RefusedCustom(t, testkit.TokenA(`"123"`, `"`+claim+`":`+value), "malformed token")
		}
	}
	// The same in a session token, which has all the rest in order.
	for _, claim := range []string{"exp", "iat", "auth_time"} {
		at := strings.Index(guest, `"`+claim+`":`) + len(claim) + 3
		end := at + strings.IndexByte(guest[at:], ',')
		quoted := `"` + guest[at:end] + `"`
		for _, value := range []string{quoted, `true`, `null`, `{}`, `-1`, `1e999`, `9007199254740992`} {
			k.RefusedEverywhere(t, testkit.ForgeSession(guest[:at]+value+guest[end:]), "bad claims")
		}
	}
}

// The signature comes first: of a forged token nothing else is said.
func TestS08_BadIsNotExpired(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	expired := testkit.PayloadA(`"123"`, fmt.Sprintf(`"exp":%d`, testkit.Start.Unix()-3600))
	k.RefusedCustom(t, testkit.Forge(testkit.HS256, expired, testkit.ForeignSecret), "bad signature")
	k.RefusedCustom(t, testkit.ForgeA(expired), "expired")

	guest := k.MustGuest(t, testkit.ProjectA)
	k.Clock.Set(guest.ExpiresAt.Add(3600e9))
	forged := testkit.Forge(testkit.HS256, testkit.PartOf(t, guest.Token, 1), testkit.ForeignSecret)
	k.RefusedEverywhere(t, forged, "bad signature")
}

// A claim that says who the user is, or how long the token is good, stands there once. What
// is not one JSON object is not a token.
func TestS12_ClaimsHaveOneMeaning(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	for name, c := range map[string]struct {
		claim  string
		reason deskauth.Reason
	}{
		"_id twice":          {`"_id":"123"`, "bad claims"},
		"_id twice, escaped": {`"\u005fid":"admin"`, "bad claims"},
		"sub twice":          {`"sub":"userexternal"`, "bad claims"},
		"sub twice, escaped": {`"su\u0062":"userexternal"`, "bad claims"},
		"aud twice":          {`"aud":"https://tiledesk.com/projects/` + testkit.ProjectA + `"`, "bad claims"},
		"aud, another's":     {`"aud":"https://tiledesk.com/projects/` + testkit.ProjectB + `"`, "bad claims"},
		"aud, the issuer":    {`"aud":"https://tiledesk.com"`, "bad claims"},
		"exp twice":          {`"exp":4e9,"exp":4e9`, "bad claims"},
		"exp, among flaws":   {`"exp":4e9,"exp\ud800":1,"exp\udfff":1,"\u0065xp":4e9`, "bad claims"},
		"twice among many":   {many(64) + `,"_id":"123"`, "bad claims"},
		"a trailing comma":   {`"x":1,`, "malformed token"},
		"twice, and a comma": {`"x":1,"x":1,`, "malformed token"},
		"a flaw, and cut":    {"\"x\":\"\xff\",\"y", "malformed token"},
		"data after it":      {`"x":1}{"_id":"1"`, "malformed token"},
		"flaw, data after":   {"\"x\":\"\xff\"}{\"_id\":\"1\"", "malformed token"},
		"a comment":          {`"x":1/* */`, "malformed token"},
		"a raw control":      {"\"x\":\x01", "malformed token"},
		"a bad escape":       {"\"x\":\"\\\x01\"", "malformed token"},
		"bytes for a value":  {"\"x\":\xff", "malformed token"},
	} {
		t.Run(name, func(t *testing.T) { k.RefusedCustom(t, testkit.TokenA(`"123"`, c.claim), c.reason) })
	}
	good := testkit.PayloadA(`"123"`)
	for _, whole := range []string{
		``, ` `, `null`, `[]`, `"x"`, `1`, "\ufeff" + good, good + "\x00", good + "\xff", "\xff" + good,
		"[" + testkit.PayloadA(`"123"`, "\"x\":\"\xff\"") + "]",
	} {
		k.RefusedCustom(t, testkit.ForgeA(whole), "malformed token")
	}
}

func TestS12_ExternalID(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	for _, id := range []string{
		`""`, `" "`, `"\t"`, `"\u00a0"`, `"\u2003 \u3000"`,
		`"` + strings.Repeat("x", 129) + `"`, `"` + strings.Repeat("é", 65) + `"`,
		`"a\u0000"`, `"a\nb"`, `"\u007f"`, `"a\u0085"`, `"a\u001b[0m"`,
		`true`, `false`, `null`, `[]`, `["123"]`, `{}`, `{"$oid":"123"}`, `{"$ne":null}`,
		`1.0`, `1.5`, `-0`, `-0.0`, `1e3`, `1E3`, `1e-3`, `0.1`, strings.Repeat("9", 129),
	} {
		t.Run(id, func(t *testing.T) { k.RefusedCustom(t, testkit.TokenA(id), "bad claims") })
	}
	payload := testkit.PayloadA(`"123"`)
	k.RefusedCustom(t, testkit.ForgeA(strings.Replace(payload, `"_id":"123",`, ``, 1)), "bad claims")
	k.RefusedCustom(t, testkit.ForgeA(strings.Replace(payload, `"_id"`, `"_ID"`, 1)), "bad claims")
	k.RefusedCustom(t, testkit.ForgeA(strings.Replace(payload, `"_id"`, `"id"`, 1)), "bad claims")
	k.RefusedCustom(t, testkit.ForgeA(strings.Replace(payload, `"sub":"userexternal",`, ``, 1)), "bad claims")
}
