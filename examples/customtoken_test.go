package examples_test

import (
	"bytes"
	"context"
	"os/exec"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// TestCustomtoken signs in with the token that the program prints.
func TestCustomtoken(t *testing.T) {
	t.Parallel()
	const secret = "8b4ac5b9-3f6d-4d7e-8a1c-2d8c7ad1f0e2"
	auth, err := deskauth.New(memstore.New(), deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("", "HS256", "b2f1c1ce-6b8e-4a6c-9a55-1c7a2a0d6b11")},
		Projects: map[string][]deskauth.Key{"shop": {deskauth.NewKey("", "HS256", secret)}},
	}, deskauth.Config{Issuer: "https://chat.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) (stdout, stderr string, err error) {
		cmd := exec.Command("go", append([]string{"run", "./customtoken"}, args...)...)
		var errors bytes.Buffer
		cmd.Stderr = &errors
		out, err := cmd.Output()
		return string(out), errors.String(), err
	}
	token, stderr, err := run("-issuer", "https://chat.example.com",
		"-project", "shop", "-secret", secret, "-id", "it's 42")
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	in := deskauth.CustomTokenInput{Token: deskauth.NewSecret(strings.TrimSuffix(token, "\n"))}
	session, err := auth.SigninWithCustomToken(context.Background(), in)
	if err != nil {
		t.Fatalf("the token is refused: %v", err)
	}
	u := session.User
	if u.Kind != deskauth.KindExternal || u.ProjectID != "shop" || u.ExternalID != "it's 42" ||
		u.FirstName != "Ada" || u.LastName != "Lovelace" {
		t.Errorf("the token signs in %+v", u)
	}
	if got, want := string(u.Attributes), `{"email":"ada@example.com","plan":"gold"}`; got != want {
		t.Errorf("the user's attributes are %s, want %s", got, want)
	}
	if _, err := auth.Verify(context.Background(), session.Token); err != nil {
		t.Errorf("the session is refused: %v", err)
	}
	guest, err := auth.SigninAnonymously(context.Background(), deskauth.AnonymousInput{ProjectID: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	token, stderr, err = run("-issuer", "https://chat.example.com",
		"-project", "shop", "-secret", secret, "-id", "it's 42", "-guest", "JWT "+guest.Token)
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	in.Token = deskauth.NewSecret(strings.TrimSuffix(token, "\n"))
	if _, err := auth.SigninWithCustomToken(context.Background(), in); err != nil {
		t.Fatalf("the token with a guest's is refused: %v", err)
	}
	if heir, err := auth.LinkedTo(context.Background(), guest.User.ID); heir != u.ID || err != nil {
		t.Errorf("the guest is linked to %q, %v; want %q", heir, err, u.ID)
	}
	out, stderr, err := run("-project", "shop")
	if err == nil || out != "" || !strings.Contains(stderr, "-secret is missing") {
		t.Errorf("without a secret: %v, %q, %s", err, out, stderr)
	}
}
