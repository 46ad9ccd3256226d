package claims

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth/internal/strictjson"
)

func TestReadCustom(t *testing.T) {
	t.Parallel()
	roles := []string{"vip", "tester", ""}
	for payload, want := range map[string]Custom{
		`{"_id":"123","sub":"userexternal"}`: {ExternalID: "123"},
		`{"_id":123,"sub":"userexternal","firstname":"Andrea","lastname":"Leo","iat":1,"exp":2,"nbf":3,"jti":"j"}`: {
			ExternalID: "123", FirstName: "Andrea", LastName: "Leo", TokenID: "j",
			Times: Times{IssuedAt: time.Unix(1, 0).UTC(), ExpiresAt: time.Unix(2, 0).UTC(), NotBefore: time.Unix(3, 0).UTC()}},
		`{"_id":"1","sub":"userexternal","firstname":null,"lastname":null,"email":null,"jti":7}`: {ExternalID: "1"},
		`{"_id":"1","sub":"userexternal","plan":"gold","email":"a@b.c"}`: {
			ExternalID: "1", Attributes: []byte(`{"email":"a@b.c","plan":"gold"}`)},
		`{"_id":"1","sub":"userexternal","guest_token":"JWT a.b.c","Guest_Token":"d","guestToken":"e","plan":"gold"}`: {
			ExternalID: "1", GuestToken: "JWT a.b.c", Attributes: []byte(`{"plan":"gold"}`)},
		`{"_id":"1","sub":"userexternal","guest_token":null}`: {ExternalID: "1"},
		`{"_id":"1","sub":"userexternal","role":"vip"}`:       {ExternalID: "1", Attributes: []byte(`{"role":"vip"}`)},
		`{"_id":"1","sub":"userexternal","role":"admin"}`:     {ExternalID: "1"},
		`{"_id":"1","sub":"userexternal","role":["vip"]}`:     {ExternalID: "1"},
		`{"_id":"1","sub":"userexternal","ROLE":"vip"}`:       {ExternalID: "1"},
		`{"_id":"1","sub":"userexternal","Role":"tester"}`:    {ExternalID: "1"},
		`{"_id":"1","sub":"userexternal","Email":"x","uid":"2","epoch":9,"password":"p","scope":"all","auth_time":5}`: {
			ExternalID: "1"},
	} {
		got, err := ReadCustom(membersOf(t, payload), nil, Rules{Roles: roles})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", payload, got, err, want)
		}
	}
}

func TestReadCustomRefuses(t *testing.T) {
	t.Parallel()
	name := func(n int) string { return strings.Repeat("n", n) }
	for _, c := range []struct{ claims, want string }{
		{`"sub":"userexternal"`, "claim _id is missing"},
		{`"_id":"1"`, `claim sub is not "userexternal"`},
		{`"_id":"1","sub":"user"`, `claim sub is not "userexternal"`},
		{`"sub":"userexternal","_id":""`, "claim _id"},
		{`"sub":"userexternal","_id":"  "`, "claim _id"},
		{`"sub":"userexternal","_id":"a\u0000b"`, "claim _id"},
		{`"sub":"userexternal","_id":"` + name(128+1) + `"`, "claim _id"},
		{`"sub":"userexternal","_id":1.5`, "claim _id"},
		{`"sub":"userexternal","_id":null`, "claim _id"},
		{`"sub":"userexternal","_id":"1","exp":"1"`,
			"claim exp is a text: it has to be a number of seconds since 1970 (RFC 7519)"},
		{`"sub":"userexternal","_id":"1","nbf":"1"`,
			"claim nbf is a text: it has to be a number of seconds since 1970 (RFC 7519)"},
		{`"sub":"userexternal","_id":"1","iat":"1"`,
			"claim iat is a text: it has to be a number of seconds since 1970 (RFC 7519)"},
		{`"sub":"userexternal","_id":"1","iat":true`, "claim iat"},
		{`"sub":"userexternal","_id":"1","exp":-1`, "claim exp"},
		{`"sub":"userexternal","_id":"1","iat":true,"exp":-1`, "claim iat"}, // the first one
		{
			`"sub":"userexternal","_id":"1","exp":1767323045000`, "claim exp is 1767323045000, a time after the year 2200: " +
				"it has to be in seconds since 1970 (RFC 7519), so divide milliseconds by 1000",
		},
	} {
		got, err := ReadCustom(membersOf(t, "{"+c.claims+"}"), nil, Rules{})
		id := got.ExternalID
		got.ExternalID = ""
		if err == nil || err.Error() != c.want || !reflect.DeepEqual(got, Custom{}) || len(id) > 1 {
			t.Errorf("%.80s: %+v, %v; want the error %q", c.claims, got, err, c.want)
		}
	}
}

// The greatest sizes are taken.
func TestReadCustomSizes(t *testing.T) {
	t.Parallel()
	id, name := strings.Repeat("i", 128), strings.Repeat("n", 256)
	value := strings.Repeat("v", MaxProfileBytes-len(`{"p":""}`))
	payload := fmt.Sprintf(`{"sub":"userexternal","_id":%q,"firstname":%q,"lastname":%q,"p":%q}`, id, name, name, value)
	got, err := ReadCustom(membersOf(t, payload), nil, Rules{})
	if err != nil {
		t.Fatalf("ReadCustom of the greatest sizes: %v", err)
	}
	if got.ExternalID != id || got.FirstName != name || got.LastName != name || len(got.Attributes) != MaxProfileBytes ||
		got.Notes != nil {
		t.Errorf("ReadCustom of the greatest sizes: %d bytes of attributes, want %d", len(got.Attributes), MaxProfileBytes)
	}
}

// A claim that only describes its user locks nobody out: it is mended, or left out and
// named.
func TestReadCustomMends(t *testing.T) {
	t.Parallel()
	deep := func(levels int) string { return strings.Repeat("[", levels) + strings.Repeat("]", levels) }
	han, most := strings.Repeat("\u6c49", 90), strings.Repeat("p", MaxProfileBytes-20)
	exact := strings.Repeat("p", MaxProfileBytes-len(`{"p":""}`))
	for claims, want := range map[string]Custom{
		`"lastname":"O\u0092Brien"`: {LastName: "OBrien", Notes: []string{`"lastname" lost its control characters`}},
		`"firstname":"Ada\nMaria"`: {FirstName: "Ada Maria",
			Notes: []string{`"firstname" lost its control characters`}},
		`"firstname":"\u0000\u001b\u007f"`: {Notes: []string{`"firstname" lost its control characters`}},
		`"firstname":"` + han + `"`: {
			FirstName: han[:255], Notes: []string{`"firstname" was cut to 256 bytes`}},
		`"firstname":"` + strings.Repeat("x", 257) + `"`: {
			FirstName: strings.Repeat("x", 256), Notes: []string{`"firstname" was cut to 256 bytes`}},
		`"lastname":"` + han + `\t"`: {LastName: han[:255], Notes: []string{
			`"lastname" lost its control characters`, `"lastname" was cut to 256 bytes`}},
		`"firstname":1`:               {Notes: []string{`"firstname" is no text and was left out`}},
		`"lastname":["Leo"]`:          {Notes: []string{`"lastname" is no text and was left out`}},
		`"email":1`:                   {Notes: []string{`"email" is no text and was left out`}},
		`"email":"mine@tiledesk.com"`: {Notes: []string{`"email" is a reserved address and was left out`}},
		`"email":"a\u0000@b.c"`: {Notes: []string{
			`"email" was left out: it has the character \u0000, which databases cannot read`}},
		`"big":"` + most + most + `","p":"` + exact + `"`: {
			Attributes: []byte(`{"p":"` + exact + `"}`),
			Notes:      []string{`"big" does not fit into the 8192 bytes of a profile and was left out`}},
		`"guest_token":1`:                   {Notes: []string{`"guest_token" is no text and was left out`}},
		`"a":` + deep(MaxAttributesDepth-1): {Attributes: []byte(`{"a":` + deep(MaxAttributesDepth-1) + `}`)},
		`"a":` + deep(MaxAttributesDepth) + `,"b":1`: {
			Attributes: []byte(`{"b":1}`), Notes: []string{
				`"a" was left out: it nests deeper than 31 levels, which databases cannot read`}},
		`"a":{"b":"x\u0000y"},"c":1`: {
			Attributes: []byte(`{"c":1}`), Notes: []string{
				`"a" was left out: it has the character \u0000, which databases cannot read`}},
		`"big":"` + most + `","more":"` + most + `","email":"a@b.c","n":1`: {
			Attributes: []byte(`{"email":"a@b.c","n":1}`), Notes: []string{
				`"big" does not fit into the 8192 bytes of a profile and was left out`,
				`"more" does not fit into the 8192 bytes of a profile and was left out`}},
	} {
		want.ExternalID = "1"
		got, err := ReadCustom(membersOf(t, `{"sub":"userexternal","_id":"1",`+claims+"}"), nil, Rules{
			Reserved: func(email string) bool { return email == "mine@tiledesk.com" },
		})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%.60s:\n got %+v, %v\nwant %+v", claims, got, err, want)
		}
	}
}

// A token cannot fill the log: it gets 8 notes, and the number of the others.
func TestReadCustomNotes(t *testing.T) {
	t.Parallel()
	for mended, want := range map[int]string{7: "", 8: "", 9: "and 1 more", 20: "and 12 more"} {
		payload := `{"sub":"userexternal","_id":"1"`
		for i := range mended {
			payload += fmt.Sprintf(`,"c%d":"\u0000"`, i)
		}
		got, err := ReadCustom(membersOf(t, payload+"}"), nil, Rules{})
		if err != nil {
			t.Fatal(err)
		}
		last := ""
		if len(got.Notes) > 8 {
			last = got.Notes[8]
		}
		if len(got.Notes) < min(mended, 8) || len(got.Notes) > 9 || last != want {
			t.Errorf("%d claims that are left out: notes %q, want 8 at most and then %q", mended, got.Notes, want)
		}
	}
}

// Half of a surrogate pair is mended in a profile, and in no claim that says who the user
// is or how long the token is good.
func TestReadCustomFlaws(t *testing.T) {
	t.Parallel()
	const (
		user   = `"sub":"userexternal","_id":"1",`
		mended = " had half of a surrogate pair, which is U+FFFD now"
		half   = ": it has half of a surrogate pair (at byte"
		twice  = `: it has the name "b" twice (at byte`
	)
	for claims, want := range map[string]struct {
		Custom
		err string // its beginning
	}{
		user + `"firstname":"Ada \ud83d"`: {Custom: Custom{
			ExternalID: "1", FirstName: "Ada \ufffd", Notes: []string{`"firstname"` + mended}}},
		user + `"bio":"\ud83d","lastname":"\ude00","n":1`: {Custom: Custom{
			ExternalID: "1", LastName: "\ufffd", Attributes: []byte(`{"bio":"\ufffd","n":1}`),
			Notes: []string{`"bio"` + mended, `"lastname"` + mended}}},
		`"_id":"1","sub":"userexternal\ud83d"`:           {Custom{ExternalID: "1"}, `claim "sub"` + half},
		`"sub":"userexternal","_id":"1\ud83d"`:           {Custom{}, `claim "_id"` + half},
		user + `"aud":"\ud83d"`:                          {Custom{ExternalID: "1"}, `claim "aud"` + half},
		user + `"iat":"\ud83d"`:                          {Custom{ExternalID: "1"}, `claim "iat"` + half},
		user + `"exp":"\ud83d"`:                          {Custom{ExternalID: "1"}, `claim "exp"` + half},
		user + `"nbf":"\ud83d"`:                          {Custom{ExternalID: "1"}, `claim "nbf"` + half},
		user + `"a":{"b":1,"b":2}`:                       {Custom{ExternalID: "1"}, `claim "a"` + twice},
		user + `"a":{"b":1,"b":2},"c":"\ud83d"`:          {Custom{ExternalID: "1"}, `claim "a"` + twice},
		user + `"a":{"b":1,"b":2},"aud":"\ud83d"`:        {Custom{ExternalID: "1"}, `claim "a"` + twice}, // the first flaw
		`"a":{"b":1,"b":2},"sub":"user","_id":"1"`:       {Custom{ExternalID: "1"}, `claim "a"` + twice},
		`"a":{"b":1,"b":2},"iat":true,` + user + `"x":1`: {Custom{ExternalID: "1"}, `claim "a"` + twice},
	} {
		payload, flaws, err := strictjson.Mend([]byte("{" + claims + "}"))
		if err != nil || len(flaws) == 0 {
			t.Fatalf("%s: flaws %v, %v", claims, flaws, err)
		}
		got, err := ReadCustom(payload, flaws, Rules{})
		if !reflect.DeepEqual(got, want.Custom) {
			t.Errorf("%s:\n got %+v\nwant %+v", claims, got, want.Custom)
		}
		if (err == nil) != (want.err == "") || err != nil && !strings.HasPrefix(err.Error(), want.err) {
			t.Errorf("%s: error %v, want %q", claims, err, want.err)
		}
	}
}
