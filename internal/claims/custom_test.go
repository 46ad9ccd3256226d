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
		`{"_id":"1","sub":"userexternal","role":"vip"}`:    {ExternalID: "1", Attributes: []byte(`{"role":"vip"}`)},
		`{"_id":"1","sub":"userexternal","role":"admin"}`:  {ExternalID: "1"},
		`{"_id":"1","sub":"userexternal","role":["vip"]}`:  {ExternalID: "1"},
		`{"_id":"1","sub":"userexternal","ROLE":"vip"}`:    {ExternalID: "1"},
		`{"_id":"1","sub":"userexternal","Role":"tester"}`: {ExternalID: "1"},
		`{"_id":"1","sub":"userexternal","Email":"x","uid":"2","epoch":9,"password":"p","scope":"all","auth_time":5}`: {
			ExternalID: "1"},
	} {
		got, err := ReadCustom(membersOf(t, payload), roles)
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
		{`"sub":"userexternal","_id":"1","firstname":1`, "claim firstname"},
		{`"sub":"userexternal","_id":"1","firstname":"` + name(256+1) + `"`, "claim firstname"},
		{`"sub":"userexternal","_id":"1","lastname":"a\nb"`, "claim lastname"},
		{`"sub":"userexternal","_id":"1","email":1`, "claim email"},
		{`"sub":"userexternal","_id":"1","exp":"1"`, "claim exp"},
		{
			`"sub":"userexternal","_id":"1","p":"` + name(MaxProfileBytes-len(`{"p":""}`)+1) + `"`,
			"the profile has 8193 bytes; 8192 are allowed",
		},
	} {
		got, err := ReadCustom(membersOf(t, "{"+c.claims+"}"), nil)
		if err == nil || err.Error() != c.want || !reflect.DeepEqual(got, Custom{}) {
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
	got, err := ReadCustom(membersOf(t, payload), nil)
	if err != nil {
		t.Fatalf("ReadCustom of the greatest sizes: %v", err)
	}
	if got.ExternalID != id || got.FirstName != name || got.LastName != name || len(got.Attributes) != MaxProfileBytes {
		t.Errorf("ReadCustom of the greatest sizes: %d bytes of attributes, want %d", len(got.Attributes), MaxProfileBytes)
	}
}
