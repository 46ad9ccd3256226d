package deskauth_test

import (
	"context"
	"fmt"
	"log"

	"github.com/deskauth/deskauth"
)

// A visitor chats as a guest, and signs up on the same page. What was stored under its ID
// goes on.
func ExampleAuth_UpgradeGuest() {
	ctx, auth := context.Background(), exampleAuth()
	guest, err := auth.SigninAnonymously(ctx, deskauth.AnonymousInput{ProjectID: "5c81593a"})
	if err != nil {
		log.Fatal(err)
	}

	user, err := auth.UpgradeGuest(ctx, deskauth.UpgradeGuestInput{
		GuestToken: deskauth.NewSecret(guest.Token),
		SignupInput: deskauth.SignupInput{
			Email:     "ada@example.com",
			Password:  deskauth.NewSecret("correct horse battery"),
			FirstName: "Ada",
			LastName:  "Lovelace",
			Client:    "192.0.2.7",
		},
	})
	if err != nil { // deskauth.ErrUserExists, for one; the guest is what it was
		log.Fatal(err)
	}
	fmt.Println(user.Kind, user.FirstName, user.ID == guest.User.ID, user.EmailVerified)

	_, err = auth.Verify(ctx, guest.Token)
	fmt.Println("the guest's token:", err)
	session, err := auth.Signin(ctx, deskauth.SigninInput{
		Email: "ada@example.com", Password: deskauth.NewSecret("correct horse battery"), Client: "192.0.2.7",
	})
	fmt.Println(session.User.ID == guest.User.ID, err)
	// Output:
	// user Ada true false
	// the guest's token: deskauth: invalid token
	// true <nil>
}

// A visitor chats as a guest, and then signs in to the shop. Its backend signs a custom
// token, and puts the guest's token into it.
func ExampleAuth_LinkedTo() {
	ctx, auth := context.Background(), exampleAuth()
	guest, err := auth.SigninAnonymously(ctx, deskauth.AnonymousInput{ProjectID: "5c81593a"})
	if err != nil {
		log.Fatal(err)
	}
	token := sign(`{
		"_id": "123",
		"sub": "userexternal",
		"aud": "https://tiledesk.com/projects/5c81593a",
		"firstname": "Andrea",
		"guest_token": "`+guest.Token+`"
	}`, "8a1c8f4e-9a5e-4f1e-b7d1-0a2f3e4d5c6b")

	session, err := auth.SigninWithCustomToken(ctx, deskauth.CustomTokenInput{
		Token: deskauth.NewSecret(token),
	})
	if err != nil {
		log.Fatal(err)
	}
	heir, err := auth.LinkedTo(ctx, guest.User.ID)
	fmt.Println(heir == session.User.ID, err)
	_, err = auth.Verify(ctx, guest.Token)
	fmt.Println("the guest's token:", err)
	// Output:
	// true <nil>
	// the guest's token: deskauth: invalid token
}
