package deskauth_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/deskauth/deskauth"
)

// ada signs an agent up.
func ada(ctx context.Context, auth *deskauth.Auth) deskauth.User {
	user, err := auth.Signup(ctx, deskauth.SignupInput{
		Email: "ada@example.com", Password: deskauth.NewSecret("correct horse battery"), FirstName: "Ada",
		LastName: "Lovelace",
	})
	if err != nil {
		log.Fatal(err)
	}
	return user
}

// A host with a second factor checks the password first, and issues the session when the
// second factor is there.
func ExampleAuth_IssueSession() {
	ctx, auth := context.Background(), exampleAuth()
	ada(ctx, auth)

	checked, err := auth.CheckPassword(ctx, deskauth.SigninInput{
		Email: "ada@example.com", Password: deskauth.NewSecret("correct horse battery"), Client: "192.0.2.7",
	})
	if err != nil {
		log.Fatal(err)
	}
	// Here the host asks for the code of the second factor. If the password is changed
	// meanwhile, no session is issued.
	checked.Issue.Methods = []string{"pwd", "otp"}
	session, err := auth.IssueSession(ctx, checked.Issue)
	if err != nil {
		log.Fatal(err)
	}
	id, err := auth.Verify(ctx, session.Token)
	fmt.Println(id.FirstName, id.Methods, err)
	// Output: Ada [pwd otp] <nil>
}

// A host with forms of its own checks a password without starting a session.
func ExampleAuth_CheckPassword() {
	ctx, auth := context.Background(), exampleAuth()
	ada(ctx, auth)

	for _, password := range []string{"a guess", "correct horse battery"} {
		checked, err := auth.CheckPassword(ctx, deskauth.SigninInput{
			Email: "Ada@Example.com", Password: deskauth.NewSecret(password), Client: "192.0.2.7",
		})
		fmt.Println(checked.User.FirstName, err)
	}
	// Output:
	//  deskauth: wrong email or password
	// Ada <nil>
}

func ExampleAuth_Signout() {
	ctx, auth := context.Background(), exampleAuth()
	user := ada(ctx, auth)
	phone, err := auth.IssueSession(ctx, deskauth.IssueInput{UserID: user.ID})
	if err != nil {
		log.Fatal(err)
	}
	laptop, err := auth.IssueSession(ctx, deskauth.IssueInput{UserID: user.ID})
	if err != nil {
		log.Fatal(err)
	}

	err = auth.Signout(ctx, phone.Token)
	fmt.Println("signed out:", err)
	_, err = auth.Verify(ctx, phone.Token)
	fmt.Println("the phone:", err)
	_, err = auth.Verify(ctx, laptop.Token)
	fmt.Println("the laptop:", err)
	// Output:
	// signed out: <nil>
	// the phone: deskauth: invalid token
	// the laptop: <nil>
}

// Every session of the account ends. Its owner signs in anew.
func ExampleAuth_SignoutEverywhere() {
	ctx, auth := context.Background(), exampleAuth()
	user := ada(ctx, auth)
	var devices []deskauth.Session
	for range 2 {
		session, err := auth.IssueSession(ctx, deskauth.IssueInput{UserID: user.ID})
		if err != nil {
			log.Fatal(err)
		}
		devices = append(devices, session)
	}

	err := auth.SignoutEverywhere(ctx, user.ID)
	fmt.Println("signed out:", err)
	for _, device := range devices {
		_, err = auth.Verify(ctx, device.Token)
		fmt.Println(err)
	}
	// Output:
	// signed out: <nil>
	// deskauth: invalid token
	// deskauth: invalid token
}

func ExampleAuth_UpdateAccount() {
	ctx, auth := context.Background(), exampleAuth()
	user := ada(ctx, auth)

	user, err := auth.UpdateAccount(ctx, user.ID, func(a *deskauth.Account) error {
		if a.EmailVerified {
			return errors.New("it was verified before")
		}
		a.EmailVerified = true
		return nil
	})
	fmt.Println(user.EmailVerified, err)

	_, err = auth.UpdateAccount(ctx, user.ID, func(a *deskauth.Account) error {
		a.Email = "Ada@Example.com"
		return nil
	})
	fmt.Println(err)
	// Output:
	// true <nil>
	// deskauth: Email must be in its canonical form, "ada@example.com"
}

func ExampleAuth_SetPassword() {
	ctx, auth := context.Background(), exampleAuth()
	user := ada(ctx, auth)

	err := auth.SetPassword(ctx, user.ID, "a longer and better one")
	fmt.Println(err)
	_, err = auth.Signin(ctx, deskauth.SigninInput{
		Email: "ada@example.com", Password: deskauth.NewSecret("correct horse battery"),
	})
	fmt.Println(err)
	// Output:
	// <nil>
	// deskauth: wrong email or password
}

// Disabling an account ends its sessions for good. Enabling it lets its owner sign in anew.
func ExampleAuth_SetDisabled() {
	ctx, auth := context.Background(), exampleAuth()
	user := ada(ctx, auth)
	session, err := auth.IssueSession(ctx, deskauth.IssueInput{UserID: user.ID, AuthTime: time.Now()})
	if err != nil {
		log.Fatal(err)
	}

	for _, disabled := range []bool{true, false} {
		if err := auth.SetDisabled(ctx, user.ID, disabled); err != nil {
			log.Fatal(err)
		}
	}
	_, err = auth.Verify(ctx, session.Token)
	fmt.Println(err)
	// Output: deskauth: invalid token
}

// Deleting an account deletes what deskauth stores of it. What the host stores under the ID
// is the host's to delete.
func ExampleAuth_DeleteUser() {
	ctx, auth := context.Background(), exampleAuth()
	user := ada(ctx, auth)

	for range 2 {
		err := auth.DeleteUser(ctx, user.ID)
		fmt.Println(err, errors.Is(err, deskauth.ErrUserNotFound))
	}
	_, err := auth.Signin(ctx, deskauth.SigninInput{
		Email: "ada@example.com", Password: deskauth.NewSecret("correct horse battery"),
	})
	fmt.Println(err)
	// Output:
	// <nil> false
	// deskauth: user not found true
	// deskauth: wrong email or password
}
