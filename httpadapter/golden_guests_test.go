package httpadapter_test

import (
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/internal/testkit"
)

// guest makes a guest of the project, and keeps its token under a name.
func (st *story) guest(name string) {
	st.tell("a guest", request{path: "/signinAnonymously", body: asGuest, keep: name})
}

func TestGoldenUpgrade(t *testing.T) {
	t.Parallel()
	st := newStory(t, start(t, setup{}))
	signup := func(name, token string, edits ...string) {
		st.tell(name, request{path: "/signup", header: []string{isJSON, "Authorization: " + token}, body: body(edits...)})
	}
	comeBack := func(name, token string) {
		st.tell(name, request{path: customPath, header: []string{"Authorization: " + token}})
	}
	st.tell("a guest with attributes", request{path: "/signinAnonymously", keep: "guest",
		body: `{"id_project":"` + projectID + `","attributes":{"page":"/pricing"}}`})
	signup("fields are missing", "$guest", "password", "", "firstname", `""`)
	signup("the guest signs up", "$guest")
	comeBack("the guest's token is over", "$guest")
	signup("and makes nobody else", "$guest", "email", `"second@example.com"`)
	st.tell("the agent signs in", request{path: "/signin", body: body(), keep: "agent"})
	st.guest("other")
	signup("the address is taken", "$other")
	comeBack("the guest stays", "$other")

	st.tokens["forged"] = "JWT " + testkit.Forge(testkit.HS256, testkit.PartOf(t, st.tokens["other"], 1), "x")
	st.tokens["custom"] = "JWT " + testkit.TokenA(`"123"`)
	signup("a forged token", "$forged", "email", `"new@example.com"`)
	signup("a custom token", "$custom", "email", `"new@example.com"`)
	signup("a bad token comes before bad fields", "$forged", "email", "7")
	signup("another scheme", "Basic YTpi", "email", `"new@example.com"`)
	signup("no token", "", "email", `"new@example.com"`)
	st.tell("two headers", request{path: "/signup", body: body("email", `"new@example.com"`),
		header: []string{isJSON, "Authorization: $other", "Authorization: $other"}})
	signup("nobody was made: the address is free, and an agent's token signs somebody else up",
		"$agent", "email", `"new@example.com"`)
	st.tell("an external user", request{path: customPath, claims: fullClaims, keep: "external"})
	signup("its token signs somebody else up", "$external", "email", `"third@example.com"`)
	comeBack("the external user stays", "$external")

	closed := httpadapter.New(st.s.auth, httpadapter.Config{DisableSignup: true})
	st.tell("where sign-up is closed, it is for guests too", request{path: "/signup", on: closed,
		header: []string{isJSON, "Authorization: $other"}, body: body("email", `"never@example.com"`)})
	st.end("upgrade.txt")
}

func TestGoldenLink(t *testing.T) {
	t.Parallel()
	st := newStory(t, start(t, setup{}))
	claims := func(id, more string) string { return `{"_id":"` + id + `",` + forProject + more + `}` }
	link := func(name, id, body string) {
		st.tell(name, request{path: customPath, header: []string{isJSON}, claims: claims(id, ""), body: body})
	}
	heir := func(guest, want string) {
		t.Helper()
		id, err := st.s.auth.VerifyStateless(t.Context(), st.tokens[guest])
		if err != nil {
			t.Fatal(err)
		}
		got, err := st.s.auth.LinkedTo(t.Context(), id.UserID)
		if want != "" {
			want = deskauth.ExternalUserID(projectID, want)
		}
		if err != nil || got != want {
			t.Errorf("%s is linked to %q, %v; want %q", guest, got, err, want)
		}
	}
	for _, name := range []string{"first", "second", "third"} {
		st.guest(name)
	}
	st.tell("a guest of another project", request{path: "/signinAnonymously", keep: "abroad",
		body: `{"id_project":"` + testkit.ProjectB + `"}`})

	link("a guest's token in the body", "123", `{"guestToken":"$first"}`)
	heir("first", "123")
	st.tell("the guest's token is over", request{path: customPath, header: []string{"Authorization: $first"}})
	link("the same again", "123", `{"guestToken":"$first"}`)
	link("by another user: nothing is linked", "124", `{"guestToken":"$first"}`)
	heir("first", "123")
	st.tell("as a claim", request{path: customPath, claims: claims("123", `,"guest_token":"$second","plan":"gold"`)})
	heir("second", "123")

	link("a guest of another project: nothing is linked", "123", `{"guestToken":"$abroad"}`)
	heir("abroad", "")
	for _, value := range []string{`"garbage"`, `""`, `null`, `7`, `{"token":"$third"}`} {
		link("no token: "+value, "123", `{"guestToken":`+value+`}`)
	}
	link("other cases are other names", "123", `{"guesttoken":"$third","guest_token":"$third","GuestToken":"$third"}`)
	st.tell("a session token links nothing", request{path: customPath, body: `{"guestToken":"$third"}`,
		header: []string{isJSON, "Authorization: $abroad"}})
	st.tell("without a custom token nobody signs in", request{path: customPath, body: `{"guestToken":"$third"}`})
	heir("third", "")
	st.end("link.txt")
}
