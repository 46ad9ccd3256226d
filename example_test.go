package deskauth_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// exampleAuth is what the examples share: accounts in memory, one project, no log.
func exampleAuth() *deskauth.Auth {
	auth, err := deskauth.New(memstore.New(), deskauth.StaticSecrets{
		Session: []deskauth.Key{deskauth.NewKey("", "HS256", "32 random bytes or more, from your vault")},
		Projects: map[string][]deskauth.Key{
			"5c81593a": {deskauth.NewKey("", "HS256", "8a1c8f4e-9a5e-4f1e-b7d1-0a2f3e4d5c6b")},
		},
	}, deskauth.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}
	return auth
}

func ExampleNew() {
	secrets := deskauth.StaticSecrets{
		Session: []deskauth.Key{deskauth.NewKey("2026", "HS256", "too short")},
	}
	_, err := deskauth.New(memstore.New(), secrets, deskauth.Config{})
	fmt.Println(err)

	secrets.Session[0] = deskauth.NewKey("2026", "HS256", "32 random bytes or more, from your vault")
	auth, err := deskauth.New(memstore.New(), secrets, deskauth.Config{
		Issuer:     "https://chat.example.com",
		SessionTTL: 8 * time.Hour,
	})
	fmt.Println(auth, err)
	// Output:
	// deskauth: session key "2026" has 9 bytes; HS256 needs 32 or more
	// deskauth.Auth(https://chat.example.com) <nil>
}

func ExampleAuth_Signup() {
	ctx, auth := context.Background(), exampleAuth()

	user, err := auth.Signup(ctx, deskauth.SignupInput{
		Email:     "Andrea.Leo@F22.it",
		Password:  deskauth.NewSecret("correct horse battery"),
		FirstName: "Andrea",
		LastName:  "Leo",
	})
	fmt.Println(user.Email, user.FirstName, user.Kind, err)

	// An address is one account, in upper or lower case.
	_, err = auth.Signup(ctx, deskauth.SignupInput{
		Email:     "andrea.leo@f22.it",
		Password:  deskauth.NewSecret("another password"),
		FirstName: "Anna",
		LastName:  "Blu",
	})
	fmt.Println(errors.Is(err, deskauth.ErrUserExists))

	// The error lists all that is wrong with an input.
	_, err = auth.Signup(ctx, deskauth.SignupInput{
		Email:     "andrea@localhost",
		Password:  deskauth.NewSecret("short"),
		FirstName: "Andrea",
	})
	var invalid *deskauth.ValidationError
	if errors.As(err, &invalid) {
		for _, f := range invalid.Fields {
			fmt.Println(f.Field, f.Message)
		}
	}
	// Output:
	// andrea.leo@f22.it Andrea user <nil>
	// true
	// Email is not a valid e-mail address
	// Password must have 8 characters or more
	// LastName must not be empty
}

func ExampleAuth_Signin() {
	ctx, auth := context.Background(), exampleAuth()
	password := deskauth.NewSecret("correct horse battery")
	_, err := auth.Signup(ctx, deskauth.SignupInput{
		Email: "andrea.leo@f22.it", Password: password, FirstName: "Andrea", LastName: "Leo",
	})
	if err != nil {
		log.Fatal(err)
	}

	session, err := auth.Signin(ctx, deskauth.SigninInput{Email: "andrea.leo@f22.it", Password: password})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(session.User.FirstName, "has a token of", strings.Count(session.Token, ".")+1, "parts")

	// The error does not tell whether the address or the password is wrong.
	for _, in := range []deskauth.SigninInput{
		{Email: "andrea.leo@f22.it", Password: deskauth.NewSecret("a wrong password")},
		{Email: "nobody@f22.it", Password: password},
	} {
		_, err = auth.Signin(ctx, in)
		fmt.Println(err, errors.Is(err, deskauth.ErrInvalidCredentials))
	}
	// Output:
	// Andrea has a token of 3 parts
	// deskauth: wrong email or password true
	// deskauth: wrong email or password true
}

func ExampleAuth_SigninAnonymously() {
	ctx, auth := context.Background(), exampleAuth()

	session, err := auth.SigninAnonymously(ctx, deskauth.AnonymousInput{
		ProjectID:  "5c81593a",
		FirstName:  "Visitor",
		Attributes: json.RawMessage(`{"page": "/pricing"}`),
	})
	if err != nil {
		log.Fatal(err)
	}
	guest := session.User
	fmt.Println(guest.Kind, guest.FirstName, guest.ProjectID, string(guest.Attributes))

	_, err = auth.SigninAnonymously(ctx, deskauth.AnonymousInput{ProjectID: "unknown"})
	fmt.Println(err)
	// Output:
	// guest Visitor 5c81593a {"page":"/pricing"}
	// deskauth: project not found
}

// sign makes a custom token as the other system's server does, with the secret of the
// project. Any JWT library does as well.
func sign(claims, secret string) string {
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode([]byte(claims))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signed))
	return signed + "." + encode(mac.Sum(nil))
}

func ExampleAuth_SigninWithCustomToken() {
	ctx, auth := context.Background(), exampleAuth()
	token := sign(`{
		"_id": "123",
		"sub": "userexternal",
		"aud": "https://tiledesk.com/projects/5c81593a",
		"firstname": "Andrea",
		"lastname": "Leo",
		"email": "andrea@example.com",
		"plan": "gold"
	}`, "8a1c8f4e-9a5e-4f1e-b7d1-0a2f3e4d5c6b")

	session, err := auth.SigninWithCustomToken(ctx, deskauth.CustomTokenInput{
		Token: deskauth.NewSecret("JWT " + token),
	})
	if err != nil {
		log.Fatal(err)
	}
	user := session.User
	fmt.Println(user.Kind, user.ExternalID, user.FirstName, user.LastName)
	fmt.Println(string(user.Attributes))
	fmt.Printf("%q\n", user.Email) // what a token claims proves no address

	// The page is loaded again: the session token is taken back.
	again, err := auth.SigninWithCustomToken(ctx, deskauth.CustomTokenInput{
		Token: deskauth.NewSecret("JWT " + session.Token),
	})
	fmt.Println(again.User.ID == user.ID, again.Token == session.Token, err)
	// Output:
	// userexternal 123 Andrea Leo
	// {"email":"andrea@example.com","plan":"gold"}
	// ""
	// true true <nil>
}

func ExampleAuth_Verify() {
	ctx, auth := context.Background(), exampleAuth()
	visitor := deskauth.AnonymousInput{ProjectID: "5c81593a", FirstName: "Visitor"}
	session, err := auth.SigninAnonymously(ctx, visitor)
	if err != nil {
		log.Fatal(err)
	}

	identity, err := auth.Verify(ctx, session.Token)
	fmt.Println(identity.Kind, identity.FirstName, identity.ProjectID, identity.UserID == session.User.ID, err)

	_, err = auth.Verify(ctx, "JWT "+session.Token+"x")
	fmt.Println(err, errors.Is(err, deskauth.ErrInvalidToken))
	// Output:
	// guest Visitor 5c81593a true <nil>
	// deskauth: invalid token true
}

func ExampleAuth_VerifyStateless() {
	ctx := context.Background()
	store, secrets := memstore.New(), deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("", "HS256", "32 random bytes or more, from your vault")},
		Projects: map[string][]deskauth.Key{"5c81593a": nil}, // guests, and no custom tokens
	}
	auth, err := deskauth.New(store, secrets, deskauth.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}
	session, err := auth.SigninAnonymously(ctx, deskauth.AnonymousInput{ProjectID: "5c81593a"})
	if err != nil {
		log.Fatal(err)
	}

	account, err := store.UserByID(ctx, session.User.ID)
	if err != nil {
		log.Fatal(err)
	}
	account.Disabled = true
	if err := store.UpdateUser(ctx, account); err != nil {
		log.Fatal(err)
	}

	_, err = auth.Verify(ctx, session.Token)
	fmt.Println("Verify:", err)
	_, err = auth.VerifyStateless(ctx, session.Token) // it does not ask the store
	fmt.Println("VerifyStateless:", err)
	// Output:
	// Verify: deskauth: invalid token
	// VerifyStateless: <nil>
}
