package claims

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

const (
	issuer = "https://tiledesk.com"
	audIss = `"aud":"https://tiledesk.com","iss":"https://tiledesk.com",`
)

// golden are one token of each kind, to the byte.
var golden = map[string]struct {
	session Session
	payload string
}{
	"user": {
		Session{
			AccountID: "u1", Email: "andrea@f22.it", FirstName: "Andrea", LastName: "Leo", EmailVerified: true,
			Times:  Times{IssuedAt: time.Unix(100, 0).UTC(), ExpiresAt: time.Unix(200, 0).UTC()},
			Issuer: issuer, Kind: KindUser, TokenID: "t1", ID: "s1", AuthTime: time.Unix(50, 0).UTC(), Epoch: 12,
		},
		`{"_id":"u1","uid":"u1","email":"andrea@f22.it","firstname":"Andrea","lastname":"Leo","emailverified":true,` +
			`"iat":100,"exp":200,` + audIss + `"sub":"user","jti":"t1","sid":"s1","auth_time":50,"epoch":12}`,
	},
	"user who signed in without a password": {
		Session{
			AccountID: "u1", Email: "andrea@f22.it", FirstName: "Andrea", LastName: "Leo",
			Times:  Times{IssuedAt: time.Unix(100, 0).UTC(), ExpiresAt: time.Unix(200, 0).UTC()},
			Issuer: issuer, Kind: KindUser, TokenID: "t1", ID: "s1", AuthTime: time.Unix(100, 0).UTC(), Epoch: 1,
			Methods: []string{"hwk"},
		},
		`{"_id":"u1","uid":"u1","email":"andrea@f22.it","firstname":"Andrea","lastname":"Leo","emailverified":false,` +
			`"iat":100,"exp":200,` + audIss + `"sub":"user","jti":"t1","sid":"s1","auth_time":100,"epoch":1,"amr":["hwk"]}`,
	},
	"guest": {
		Session{
			AccountID: "g1", Email: "x@tiledesk.com", FirstName: "guest#1234", LastName: "Leo", ProjectID: "p1",
			Attributes: []byte(`{"sub":"user","a":{"b":[1.50]}}`),
			Times:      Times{IssuedAt: time.Unix(100, 0).UTC(), ExpiresAt: time.Unix(200, 0).UTC()},
			Issuer:     issuer, Kind: KindGuest, TokenID: "t1", ID: "s1", AuthTime: time.Unix(100, 0).UTC(),
		},
		`{"_id":"g1","uid":"g1","email":"x@tiledesk.com","firstname":"guest#1234","lastname":"Leo",` +
			`"attributes":{"sub":"user","a":{"b":[1.50]}},"id_project":"p1",` +
			`"iat":100,"exp":200,` + audIss + `"sub":"guest","jti":"t1","sid":"s1","auth_time":100,"epoch":0}`,
	},
	"guest without a last name": {
		Session{
			AccountID: "g1", Email: "x@tiledesk.com", FirstName: "guest#1234", ProjectID: "p1",
			Times:  Times{IssuedAt: time.Unix(100, 0).UTC(), ExpiresAt: time.Unix(200, 0).UTC()},
			Issuer: issuer, Kind: KindGuest, TokenID: "t1", ID: "s1", AuthTime: time.Unix(100, 0).UTC(),
		},
		`{"_id":"g1","uid":"g1","email":"x@tiledesk.com","firstname":"guest#1234","id_project":"p1",` +
			`"iat":100,"exp":200,` + audIss + `"sub":"guest","jti":"t1","sid":"s1","auth_time":100,"epoch":0}`,
	},
	"external": {
		Session{
			AccountID: "a1", ExternalID: "123", FirstName: "Andrea", ProjectID: "p1",
			Attributes: []byte(`{"email":"a@b.c","plan":"gold"}`),
			Times:      Times{IssuedAt: time.Unix(100, 0).UTC(), ExpiresAt: time.Unix(200, 0).UTC()},
			Issuer:     issuer, Kind: KindExternal, TokenID: "t1", ID: "s1", AuthTime: time.Unix(100, 0).UTC(), Epoch: -1,
			Methods: []string{"pwd", "otp"},
		},
		`{"_id":"123","email":"a@b.c","firstname":"Andrea","attributes":{"plan":"gold"},"id_project":"p1","uid":"a1",` +
			`"iat":100,"exp":200,` + audIss +
			`"sub":"userexternal","jti":"t1","sid":"s1","auth_time":100,"epoch":-1,"amr":["pwd","otp"]}`,
	},
}

// What is written is read back, and both are golden.
func TestSessionRoundTrip(t *testing.T) {
	t.Parallel()
	for name, g := range golden {
		got, err := g.session.Append([]byte("before "))
		if err != nil || string(got) != "before "+g.payload {
			t.Errorf("%s: Append\n got %s, %v\nwant %s", name, got, err, g.payload)
		}
		read, err := ReadSession(membersOf(t, g.payload), issuer)
		if err != nil || !reflect.DeepEqual(read, g.session) {
			t.Errorf("%s: ReadSession\n got %+v, %v\nwant %+v", name, read, err, g.session)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]Session{
		"an unknown kind":      {Kind: "admin"},
		"attributes of no use": {Kind: KindExternal, Attributes: []byte(`[]`)},
		"a guest's, too":       {Kind: KindGuest, Attributes: []byte(`[]`)},
	} {
		if payload, err := s.Append(nil); err == nil || payload != nil {
			t.Errorf("%s: %q, %v; want an error and nothing", name, payload, err)
		}
	}
}

// The address at the top of an external user's token is that of the profile, if it is one.
// Else it is the one that the caller has.
func TestAppendExternalUser(t *testing.T) {
	t.Parallel()
	for attributes, want := range map[string]string{
		``:                       `"email":"made@up","firstname":"A","lastname":"L",`,
		`{"plan":"gold"}`:        `"email":"made@up","firstname":"A","lastname":"L","attributes":{"plan":"gold"},`,
		`{"n":1,"email":"a@b"}`:  `"email":"a@b","firstname":"A","lastname":"L","attributes":{"n":1},`,
		`{"email":"a@b"}`:        `"email":"a@b","firstname":"A","lastname":"L",`,
		`{"n":"text","email":1}`: `"email":"made@up","firstname":"A","lastname":"L","attributes":{"n":"text","email":1},`,
		`{"n":1,"email":[1,2]}`:  `"email":"made@up","firstname":"A","lastname":"L","attributes":{"n":1,"email":[1,2]},`,
		`{"email":""}`:           `"email":"made@up","firstname":"A","lastname":"L","attributes":{"email":""},`,
	} {
		s := Session{
			Kind: KindExternal, ExternalID: "1", Email: "made@up", FirstName: "A", LastName: "L", ProjectID: "p1",
			Attributes: []byte(attributes),
		}
		payload, err := s.Append(nil)
		got, _, _ := strings.Cut(strings.TrimPrefix(string(payload), `{"_id":"1",`), `"id_project"`)
		if err != nil || got != want {
			t.Errorf("attributes %s:\n got %s, %v\nwant %s", attributes, got, err, want)
		}
	}
}

// Each claim of a good token is changed in turn.
func TestReadSessionRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kind, from, to, want string }{
		{"user", `"aud":"https://tiledesk.com",`, ``, "claim aud"},
		{"user", `"aud":"https://tiledesk.com"`, `"aud":"https://tiledesk.com/"`, "claim aud"},
		{"user", `"aud":"https://tiledesk.com"`, `"aud":["https://tiledesk.com"]`, "claim aud"},
		{"user", `"iss":"https://tiledesk.com",`, ``, "claim iss"},
		{"user", `"iss":"https://tiledesk.com"`, `"iss":"https://example.com"`, "claim iss"},
		{"user", `"sub":"user",`, ``, "claim sub"},
		{"user", `"sub":"user"`, `"sub":"User"`, "claim sub"},
		{"user", `"_id":"u1",`, ``, "claim _id"},
		{"user", `"_id":"u1"`, `"_id":""`, "claim _id"},
		{"user", `"_id":"u1"`, `"_id":1`, "claim _id"},
		{"user", `"iat":100,`, ``, "claim iat"},
		{"user", `"iat":100`, `"iat":"100"`, "claim iat"},
		{"user", `"exp":200`, `"exp":null`, "claim exp"},
		{"user", `"exp":200`, `"exp":200,"nbf":true`, "claim nbf"},
		{"user", `"auth_time":50`, `"auth_time":"50"`, "claim auth_time is a text"},
		{"user", `"epoch":12`, `"epoch":12.0`, "claim epoch"},
		{"user", `"epoch":12`, `"epoch":9223372036854775808`, "claim epoch"},
		{"user", `"jti":"t1"`, `"jti":1`, "claim jti"},
		{"user", `"firstname":"Andrea"`, `"firstname":1`, "claim firstname"},
		{"user", `"lastname":"Leo"`, `"lastname":[]`, "claim lastname"},
		{"user", `"email":"andrea@f22.it"`, `"email":{}`, "claim email"},
		{"user", `"uid":"u1"`, `"uid":"u2"`, "claim uid"},
		{"user", `"uid":"u1"`, `"uid":1`, "claim uid"},
		{"guest", `"uid":"g1"`, `"uid":"u1"`, "claim uid"},
		{"user", `"sid":"s1"`, `"sid":1`, "claim sid"},
		{"user", `"sid":"s1"`, `"sid":""`, "claim sid"},
		{"user", `"sid":"s1"`, `"sid":"s\"1"`, "claim sid"},
		{"user", `"sid":"s1"`, `"sid":"` + strings.Repeat("s", 65) + `"`, "claim sid"},
		{"guest", `"id_project":"p1"`, `"id_project":1`, "claim id_project"},
		{"external", `"uid":"a1",`, ``, "claim uid"},
		{"external", `"uid":"a1"`, `"uid":""`, "claim uid"},
		{"external", `"uid":"a1"`, `"uid":null`, "claim uid"},
		{"external", `"id_project":"p1",`, ``, "claim id_project"},
	} {
		payload := strings.Replace(golden[c.kind].payload, c.from, c.to, 1)
		if payload == golden[c.kind].payload {
			t.Fatalf("%s has no %s", c.kind, c.from)
		}
		got, err := ReadSession(membersOf(t, payload), issuer)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || !reflect.DeepEqual(got, Session{}) {
			t.Errorf("%s with %s: %+v, %v; want the error %q", c.kind, c.to, got, err, c.want)
		}
	}
}

// What may be absent or null is.
func TestReadSessionAccepts(t *testing.T) {
	t.Parallel()
	const bare = `,"iat":100,"aud":"https://tiledesk.com","iss":"https://tiledesk.com"}`
	authTime := time.Unix(100, 0).UTC() // that of iat
	user := Session{AccountID: "u1", Kind: KindUser, AuthTime: authTime, NoEpoch: true}
	guest := Session{AccountID: "g1", Kind: KindGuest, AuthTime: authTime, NoEpoch: true}
	early := user
	early.AuthTime = time.Unix(1, 0).UTC()
	for payload, want := range map[string]Session{
		`{"_id":"u1","sub":"user"` + bare:                                  user,
		`{"_id":"u1","sub":"user","auth_time":0` + bare:                    user,
		`{"_id":"u1","sub":"user","auth_time":1` + bare:                    early,
		`{"_id":"u1","sub":"user","firstname":null,"lastname":null` + bare: user,
		`{"_id":"u1","sub":"user","email":null,"jti":null` + bare:          user,
		`{"_id":"u1","sub":"user","emailverified":"x"` + bare:              user,
		`{"_id":"u1","sub":"user","uid":"u1","plan":1` + bare:              user,
		`{"_id":"g1","sub":"guest","id_project":null` + bare:               guest,
		`{"_id":"g1","sub":"guest","emailverified":true` + bare:            guest,
		`{"_id":"1","sub":"userexternal","uid":"a1","id_project":"p1","emailverified":true` + bare: {
			AccountID: "a1", ExternalID: "1", ProjectID: "p1", Kind: KindExternal, AuthTime: authTime, NoEpoch: true,
		},
		`{"_id":"1","sub":"userexternal","uid":"a1","id_project":"p1",` +
			`"email":"a@b.c","attributes":{"email":"x","n":1}` + bare: {
			AccountID: "a1", ExternalID: "1", ProjectID: "p1", Kind: KindExternal, AuthTime: authTime, NoEpoch: true,
			Attributes: []byte(`{"email":"a@b.c","n":1}`),
		},
		`{"_id":"g1","sub":"guest","attributes":"x","amr":"x"` + bare: guest,
	} {
		want.Issuer, want.IssuedAt = issuer, authTime
		got, err := ReadSession(membersOf(t, payload), issuer)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", payload, got, err, want)
		}
	}
}

// A sid stands in an account's State as it is: 1 to 64 letters, digits and hyphens.
func TestIsSessionID(t *testing.T) {
	t.Parallel()
	const plain = "0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for b := range 256 {
		id := []byte{byte(b)}
		if got, want := isSessionID(id), strings.Contains(plain, string(id)); got != want {
			t.Errorf("isSessionID(%q) = %v, want %v", id, got, want)
		}
	}
	for n, want := range map[int]bool{0: false, 1: true, 36: true, 64: true, 65: false} {
		if got := isSessionID([]byte(strings.Repeat("a", n))); got != want {
			t.Errorf("isSessionID of %d bytes = %v, want %v", n, got, want)
		}
	}
}

// A user's token is read with one allocation: that of all its texts.
func TestReadSessionAllocations(t *testing.T) {
	members := membersOf(t, golden["user"].payload)
	got := testing.AllocsPerRun(100, func() {
		if _, err := ReadSession(members, issuer); err != nil {
			t.Fatal(err)
		}
	})
	if got > 1 {
		t.Errorf("ReadSession makes %v allocations, want 1", got)
	}
}
