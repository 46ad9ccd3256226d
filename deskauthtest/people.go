package deskauthtest

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"

	"github.com/deskauth/deskauth"
)

// Password is that of all users of a kit: they sign in with it as people do.
const Password = "a password for tests alone"

// User returns the identity and a session token of a user, an agent with e-mail and
// password. The first call for an address makes the account: the first name is what stands
// before the @, the last name is Test, and the address is verified. Edits may change that,
// as [deskauth.Auth.UpdateAccount] lets them. A later call starts one more session.
func (k *Kit) User(email string, edits ...func(*deskauth.Account)) (deskauth.Identity, string) {
	k.t.Helper()
	name, _, _ := strings.Cut(email, "@")
	user, err := k.Auth.Signup(k.ctx(), deskauth.SignupInput{
		Email: email, Password: deskauth.NewSecret(Password), FirstName: name, LastName: "Test",
	})
	if err == nil {
		edits = append([]func(*deskauth.Account){verified}, edits...)
	}
	if errors.Is(err, deskauth.ErrUserExists) {
		user, err = k.byEmail(email)
	}
	if err != nil {
		k.t.Fatalf("deskauthtest: User(%q): %v", email, err)
	}
	if len(edits) > 0 {
		user, err = k.Auth.UpdateAccount(k.ctx(), user.ID, func(a *deskauth.Account) error {
			for _, edit := range edits {
				edit(a)
			}
			return nil
		})
	}
	if err != nil {
		k.t.Fatalf("deskauthtest: an edit of User(%q): %v", email, err)
	}
	session, err := k.Auth.IssueSession(k.ctx(), deskauth.IssueInput{UserID: user.ID})
	if errors.Is(err, deskauth.ErrAccountDisabled) {
		k.t.Fatalf("deskauthtest: User(%q) is disabled and gets no token: call Disable after User", email)
	}
	return k.signedIn(session, err, "User(%q)", email)
}

func verified(a *deskauth.Account) { a.EmailVerified = true }

func (k *Kit) byEmail(email string) (deskauth.User, error) {
	email, err := k.Mailbox.canonicalForm(email)
	if err != nil {
		return deskauth.User{}, err
	}
	account, err := k.Store.UserByEmail(k.ctx(), email)
	return account.User, err
}

// Guest returns the identity and a session token of a new guest of a project. [New] says
// what a project ID is.
func (k *Kit) Guest(projectID string) (deskauth.Identity, string) {
	k.t.Helper()
	k.checkProject(projectID, "Guest(%q)", projectID)
	session, err := k.Auth.SigninAnonymously(k.ctx(), deskauth.AnonymousInput{ProjectID: projectID})
	return k.signedIn(session, err, "Guest(%q)", projectID)
}

var projectForm = regexp.MustCompile(`^[A-Za-z0-9._~-]{1,128}$`)

// checkProject ends the test on what is no project ID. The library says of it only that
// there is no such project, or that the token is bad.
func (k *Kit) checkProject(projectID, format string, args ...any) {
	k.t.Helper()
	if !projectForm.MatchString(projectID) || projectID == "." || projectID == ".." {
		k.t.Fatalf("deskauthtest: "+format+`: %q is not a project ID: write one like "shop", of 1 to 128 `+
			"letters, digits and the characters - . _ ~", append(args, projectID)...)
	}
}

// External returns the identity and a session token of a user of another system, who comes
// with a custom token of the project: see [Kit.CustomToken]. externalID is the ID in that
// system. For a profile, bring such a token to [deskauth.Auth.SigninWithCustomToken]
// yourself.
func (k *Kit) External(projectID, externalID string) (deskauth.Identity, string) {
	k.t.Helper()
	const call = "External(%q, %q)"
	k.checkProject(projectID, call, projectID, externalID)
	token := deskauth.NewSecret(k.CustomToken(projectID, externalID, nil))
	session, err := k.Auth.SigninWithCustomToken(k.ctx(), deskauth.CustomTokenInput{Token: token})
	_, known := k.endedAt(deskauth.ExternalUserID(projectID, externalID))
	if known && errors.Is(err, deskauth.ErrInvalidToken) {
		k.t.Fatalf("deskauthtest: "+call+": %v. The account was disabled or signed out everywhere, which ends the "+
			"custom tokens that were issued up to then: move the clock on first, Clock.Advance(time.Second) or "+
			"that of Config.Now", projectID, externalID, err)
	}
	return k.signedIn(session, err, call, projectID, externalID)
}

// signedIn returns what the token of a session proves, and the token. The rest says which
// call of the test's made it.
func (k *Kit) signedIn(session deskauth.Session, err error, format string, args ...any) (deskauth.Identity, string) {
	k.t.Helper()
	if err != nil {
		k.t.Fatalf("deskauthtest: "+format+": %v; the log of the test says more", append(args, err)...)
	}
	id, err := k.Auth.Verify(k.ctx(), session.Token)
	if err != nil {
		k.t.Fatalf("deskauthtest: "+format+": verify the new token: %v", append(args, err)...)
	}
	return id, session.Token
}

// Disable disables an account, which ends its sessions: its tokens are refused from now on.
func (k *Kit) Disable(id deskauth.Identity) {
	k.t.Helper()
	if err := k.Auth.SetDisabled(k.ctx(), id.UserID, true); err != nil {
		k.t.Fatalf("deskauthtest: Disable the %s %q: %v", id.Kind, id.UserID, err)
	}
}

// Signout ends the session of a token: the token is refused from now on.
func (k *Kit) Signout(token string) {
	k.t.Helper()
	if err := k.Auth.Signout(k.ctx(), token); err != nil {
		k.t.Fatalf("deskauthtest: Signout: %v", err)
	}
}

// Request returns a request for a handler, with the token in its Authorization header, or
// without that header for an empty token. A token may have its scheme, as in the answer of
// a sign-in. For a body, use [httptest.NewRequest] and set the header to "JWT "+token.
func (k *Kit) Request(method, path, token string) *http.Request {
	r := httptest.NewRequestWithContext(k.t.Context(), method, path, http.NoBody)
	if token != "" && !strings.Contains(token, " ") {
		token = "JWT " + token
	}
	if token != "" {
		r.Header.Set("Authorization", token)
	}
	return r
}
