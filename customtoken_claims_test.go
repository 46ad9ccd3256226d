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

func TestS12_ClaimsHaveOneMeaning(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	for name, c := range map[string]struct {
		claim  string
		reason deskauth.Reason
	}{
		"_id twice":              {`"_id":"123"`, "malformed token"},
		"_id twice, escaped":     {`"\u005fid":"admin"`, "malformed token"},
		"sub twice":              {`"sub":"userexternal"`, "malformed token"},
		"aud twice":              {`"aud":"https://tiledesk.com/projects/` + testkit.ProjectA + `"`, "malformed token"},
		"exp twice":              {`"exp":4e9,"exp":4e9`, "malformed token"},
		"email twice":            {`"email":"a@b.it","email":"a@b.it"`, "malformed token"},
		"firstname twice":        {`"firstname":"a","\u0066irstname":"b"`, "malformed token"},
		"a claim twice":          {`"x":1,"x":1`, "malformed token"},
		"twice among many":       {many(64) + `,"c0":0`, "malformed token"},
		"half a surrogate, name": {`"\ud800":1`, "bad claims"},
		"two halves, names":      {`"\ud800":1,"\ud801":1`, "malformed token"},
		"a half, and twice":      {`"x":"\ud800","x":1`, "malformed token"},
		"invalid UTF-8":          {"\"x\":\"\xff\"", "malformed token"},
		"a raw control":          {"\"x\":\"\x01\"", "malformed token"},
		"a trailing comma":       {`"x":1,`, "malformed token"},
		"data after it":          {`"x":1}{"_id":"1"`, "malformed token"},
		"a comment":              {`"x":1/* */`, "malformed token"},
		"another sub in capital": {`"Sub":"user","SUB":"user","x":1,"x":2`, "malformed token"},
	} {
		t.Run(name, func(t *testing.T) { k.RefusedCustom(t, testkit.TokenA(`"123"`, c.claim), c.reason) })
	}
	good := testkit.PayloadA(`"123"`)
	for _, whole := range []string{``, ` `, `null`, `[]`, `"x"`, `1`, "\ufeff" + good, good + "\x00"} {
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
