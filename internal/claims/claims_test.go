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
