package gateway

import (
	"crypto/elliptic"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/authtest"
)

var update = flag.Bool("update", false, "write what each library lets through to testdata")

// lenient are the groups of attacks of which a library lets some through, as docs/keys.md
// says. Those of spelling and around are other spellings of a good token. All others need
// the session key, with which deskauth signs no such token.
var lenient = map[string][]string{
	"golang-jwt": {
		"crit",      // ignored
		"header",    // typ, cty, zip and kid are ignored
		"spelling",  // line breaks are skipped
		"around",    // at the end, too
		"syntax",    // invalid UTF-8 is mended
		"duplicate", // the last one counts
		"iat",       // ignored
		"range",     // times may be centuries away
	},
	"jose": {
		"header",    // typ, cty, zip and kid are ignored
		"spelling",  // white space, padding and unused bits are skipped
		"around",    // white space at the end, too
		"syntax",    // a byte order mark is skipped
		"duplicate", // the last one counts
		"iat",       // may be centuries ahead
		"range",     // so may all times
	},
	"keyfunc": {
		"crit",      // ignored
		"header",    // typ, cty and zip are ignored
		"spelling",  // line breaks are skipped
		"around",    // at the end, too
		"syntax",    // invalid UTF-8 is mended
		"duplicate", // the last one counts
		"iat",       // ignored
		"range",     // times may be centuries away
	},
	"jose-remote": {
		"header",    // typ, cty and zip are ignored
		"spelling",  // white space, padding and unused bits are skipped
		"around",    // white space at the end, too
		"syntax",    // a byte order mark is skipped
		"duplicate", // the last one counts
		"iat",       // may be centuries ahead
		"range",     // so may all times
	},
}

// TestS49_OtherLibrariesRefuseForgeries holds the same checks against the table of
// authtest. testdata has what gets in: to the letter, so that no other attack of a lenient
// group does.
func TestS49_OtherLibrariesRefuseForgeries(t *testing.T) {
	t.Parallel()
	private := newKey(t, elliptic.P256())
	eachLibrary(t, private, func(t *testing.T, check checker) {
		library := filepath.Base(t.Name())
		target := authtest.Target{
			Accepts: func(token string) bool {
				_, err := check(token, everybody, project)
				return err == nil
			},
			Algorithm: "ES256",
			Key:       private,
			KeyID:     keyID,
			Claims: []byte(`{"_id":"1","uid":"1","id_project":"` + project + `","sub":"guest",
				"aud":"` + issuer + `","iss":"` + issuer + `","iat":1700000000,"exp":4102444800}`),
			Skip: []string{"size"}, // servers limit headers
		}
		letIn, err := authtest.Check(target)
		if err != nil {
			t.Fatal(err)
		}
		var names strings.Builder
		for _, attack := range letIn {
			names.WriteString(attack.Group + ": " + attack.Name + "\n")
		}
		file := filepath.Join("testdata", library+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(names.String()), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if names.String() != string(want) {
			t.Errorf("what gets in is\n%s\nwant, as in %s,\n%s", names.String(), file, want)
		}

		target.Skip = slices.Concat(target.Skip, lenient[library])
		authtest.Run(t, target)
	})
}
