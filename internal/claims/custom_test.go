package claims

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
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
			ExternalID: "1", GuestToken: "JWT a.b.c", Attributes: []byte(`{"plan":"gold"}`), Notes: []string{
				`"Guest_Token" was left out: it counts in lower case only`,
				`"guestToken" was left out: the claim is guest_token`}},
		`{"_id":"1","sub":"userexternal","guest_token":null}`:    {ExternalID: "1"},
		`{"_id":"1","sub":"userexternal","role":"vip"}`:          {ExternalID: "1", Attributes: []byte(`{"role":"vip"}`)},
		`{"_id":"1","sub":"userexternal","role":null,"aud":"a"}`: {ExternalID: "1"},
		`{"_id":"1","sub":"userexternal","iss":"i","jti":{},"id":1,"id_project":"p","uid":"2","epoch":9,"kind":"user",` +
			`"auth_time":5,"emailverified":true,"sid":"s","amr":["pwd"]}`: {ExternalID: "1"},
	} {
		got, err := ReadCustom(membersOf(t, payload), nil, Rules{Roles: roles})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", payload, got, err, want)
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
		`"firstname":1`:               {Notes: []string{`"firstname" is not a text and was left out`}},
		`"lastname":["Leo"]`:          {Notes: []string{`"lastname" is not a text and was left out`}},
		`"email":1`:                   {Notes: []string{`"email" is not a text and was left out`}},
		`"email":"mine@tiledesk.com"`: {Notes: []string{`"email" is a reserved address and was left out`}},
		`"email":"a\u0000@b.c"`: {Notes: []string{
			`"email" was left out: it has the character \u0000, which databases cannot read`}},
		`"big":"` + most + most + `","p":"` + exact + `"`: {
			Attributes: []byte(`{"p":"` + exact + `"}`),
			Notes:      []string{`"big" does not fit into the 8192 bytes of a profile and was left out`}},
		`"guest_token":1`:                   {Notes: []string{`"guest_token" is not a text and was left out`}},
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

// What is left out for its name is noted, too: its signer meant something by it.
func TestReadCustomNotesNames(t *testing.T) {
	t.Parallel()
	const (
		lower  = " was left out: it counts in lower case only"
		escape = " was left out: its name has a quote, a backslash or a control character"
		means  = " was left out: the name means something in session tokens, or to those who read them"
		secret = " was left out: no name that starts with password is kept"
	)
	long := strings.Repeat("n", 129)
	for claims, want := range map[string][]string{
		`"role":"admin"`:            {`"role" is not one of Config.CustomTokenRoles and was left out`},
		`"role":["vip"]`:            {`"role" is not one of Config.CustomTokenRoles and was left out`},
		`"ROLE":"vip","Role":"vip"`: {`"ROLE"` + lower, `"Role"` + lower},
		`"Email":"x","FirstName":"y","\u017fub":"z","EXP":1,"_ID":2`: {
			`"Email"` + lower, `"FirstName"` + lower, `"ſub"` + lower, `"EXP"` + lower, `"_ID"` + lower},
		`"scope":"all","Roles":[],"ISS":1,"__proto__":{},"nonce":1,"email_verified":true`: {
			`"scope"` + means, `"Roles"` + means, `"ISS"` + means, `"__proto__"` + means, `"nonce"` + means,
			`"email_verified"` + means},
		`"password":"p","PasswordHint":"h","pa\u017f\u017fword_reset":1`: {
			`"password"` + secret, `"PasswordHint"` + secret, `"paſſword_reset"` + secret},
		`"a\"b":1,"a\\b":2,"a\nb":3,"\u0085":4`: {
			`"a\"b"` + escape, `"a\\b"` + escape, `"a\nb"` + escape, `"\u0085"` + escape},
		`"":1,"` + long + `":2`: {
			`"" is an empty name and was left out`,
			`"` + long[:40] + `" is a name of over 128 bytes and was left out`},
	} {
		want := Custom{ExternalID: "1", Notes: want}
		payload := membersOf(t, `{"sub":"userexternal","_id":"1",`+claims+"}")
		got, err := ReadCustom(payload, nil, Rules{Roles: []string{"vip"}})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%.60s:\n got %+v, %v\nwant %+v", claims, got, err, want)
		}
	}
}

// However long the names are, the notes are short.
func TestReadCustomNoteBytes(t *testing.T) {
	t.Parallel()
	payload := `{"sub":"userexternal","_id":"1"`
	for i := range 30 {
		payload += fmt.Sprintf(`,"%s%d":1`, strings.Repeat("\U0010ffff", 40), i)
	}
	got, err := ReadCustom(membersOf(t, payload+"}"), nil, Rules{})
	size, n := len(strings.Join(got.Notes, "")), len(got.Notes)
	if err != nil || size > 2<<10+20 || n < 3 || n > 8 || got.Notes[n-1] != fmt.Sprintf("and %d more", 30-n+1) {
		t.Errorf("%d bytes of notes: %q, %v", size, got.Notes, err)
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
