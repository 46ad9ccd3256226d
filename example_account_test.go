package deskauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"

	"github.com/deskauth/deskauth"
)

// An agent changes its password on the laptop. The phone has to sign in again.
func ExampleAuth_ChangePassword() {
	ctx, auth := context.Background(), exampleAuth()
	ada(ctx, auth)
	signin := deskauth.SigninInput{
		Email: "ada@example.com", Password: deskauth.NewSecret("correct horse battery"), Client: "192.0.2.7",
	}
	laptop, err := auth.Signin(ctx, signin)
	if err != nil {
		log.Fatal(err)
	}
	phone, err := auth.Signin(ctx, signin)
	if err != nil {
		log.Fatal(err)
	}

	_, err = auth.ChangePassword(ctx, deskauth.ChangePasswordInput{
		Token:   deskauth.NewSecret(laptop.Token),
		Current: deskauth.NewSecret("correct horse battery"),
		New:     deskauth.NewSecret("a longer and better one"),
		Client:  "192.0.2.7",
	})
	fmt.Println("changed:", err)
	_, err = auth.Verify(ctx, laptop.Token)
	fmt.Println("the laptop:", err)
	_, err = auth.Verify(ctx, phone.Token)
	fmt.Println("the phone:", err)
	// Output:
	// changed: <nil>
	// the laptop: <nil>
	// the phone: deskauth: invalid token
}

func ExampleAuth_UpdateProfile() {
	ctx, auth := context.Background(), exampleAuth()
	session, err := auth.IssueSession(ctx, deskauth.IssueInput{UserID: ada(ctx, auth).ID})
	if err != nil {
		log.Fatal(err)
	}

	first := "Augusta Ada"
	user, err := auth.UpdateProfile(ctx, deskauth.UpdateProfileInput{
		Token:      deskauth.NewSecret(session.Token),
		FirstName:  &first,
		Attributes: json.RawMessage(`{"desk": 7}`),
	})
	fmt.Println(user.FirstName, user.LastName, string(user.Attributes), err)
	// Output: Augusta Ada Lovelace {"desk":7} <nil>
}

// Deleting an account needs a sign-in of the last 10 minutes.
func ExampleAuth_DeleteAccount() {
	ctx, auth := context.Background(), exampleAuth()
	session, err := auth.IssueSession(ctx, deskauth.IssueInput{UserID: ada(ctx, auth).ID})
	if err != nil {
		log.Fatal(err)
	}

	err = auth.DeleteAccount(ctx, deskauth.DeleteAccountInput{Token: deskauth.NewSecret(session.Token)})
	if errors.Is(err, deskauth.ErrSigninTooOld) {
		fmt.Println("sign in again")
	}
	fmt.Println("deleted:", err)
	_, err = auth.Verify(ctx, session.Token)
	fmt.Println("its session:", err)
	// Output:
	// deleted: <nil>
	// its session: deskauth: invalid token
}

// Whatever prints an input does not print its password.
func ExampleNewSecret() {
	input := deskauth.SigninInput{Email: "ada@example.com", Password: deskauth.NewSecret("correct horse battery")}
	fmt.Println(input.Email, input.Password)
	slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	})).Info("sign-in", "password", input.Password)
	// Output:
	// ada@example.com [redacted]
	// level=INFO msg=sign-in password=[redacted]
}
