package claims

import (
	"testing"

	"github.com/deskauth/deskauth/internal/strictjson"
)

// membersOf reads a payload for a test.
func membersOf(t testing.TB, payload string) Members {
	t.Helper()
	members, err := strictjson.Object([]byte(payload), nil)
	if err != nil {
		t.Fatalf("payload %s: %v", payload, err)
	}
	return members
}

func TestAudience(t *testing.T) {
	t.Parallel()
	for payload, want := range map[string]string{
		`{"sub":"user","aud":"https://tiledesk.com"}`: `"https://tiledesk.com"`,
		`{"aud":"first","iss":"second"}`:              `"first"`,
		`{"aud":["https://tiledesk.com"]}`:            `["https://tiledesk.com"]`,
		`{"aud":null}`:                                `null`,
		`{"iss":"https://tiledesk.com"}`:              "",
		`{"AUD":"https://tiledesk.com"}`:              "",
	} {
		if got := Audience(membersOf(t, payload)); string(got) != want {
			t.Errorf("Audience(%s) = %s, want %s", payload, got, want)
		}
	}
}

// The text goes to the log of those who have to mend the signer.
func TestAudienceProblem(t *testing.T) {
	t.Parallel()
	for aud, want := range map[string]string{
		`"https://tiledesk.com"`: "",
		``:                       "is missing",
		`["https://tiledesk.com"]`: "is a list: it has to be one string (in Go with golang-jwt, set " +
			"jwt.MarshalSingleStringAsArray to false)",
		`null`: "is not a string",
		`1`:    "is not a string",
		`{}`:   "is not a string",
	} {
		v := strictjson.Value(aud)
		if aud == "" {
			v = nil
		}
		if got := AudienceProblem(v); got != want {
			t.Errorf("AudienceProblem(%s) = %q, want %q", aud, got, want)
		}
	}
}
