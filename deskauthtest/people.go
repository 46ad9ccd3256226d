package deskauthtest

import (
	"errors"
	"net/http"
	"net/http/httptest"
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
	return k.signedIn(session, err)
}

func verified(a *deskauth.Account) { a.EmailVerified = true }

func (k *Kit) byEmail(email string) (deskauth.User, error) {
	canonical := deskauth.CanonicalEmail
	if k.cfg.CanonicalEmail != nil {
		canonical = k.cfg.CanonicalEmail
	}
	email, err := canonical(email)
	if err != nil {
		return deskauth.User{}, err
	}
	account, err := k.Store.UserByEmail(k.ctx(), email)
	return account.User, err
}

// Guest returns the identity and a session token of a new guest of a project.
func (k *Kit) Guest(projectID string) (deskauth.Identity, string) {
	k.t.Helper()
	return k.signedIn(k.Auth.SigninAnonymously(k.ctx(), deskauth.AnonymousInput{ProjectID: projectID}))
}

// External returns the identity and a session token of a user of another system, who comes
// with a custom token of the project. externalID is the ID in that system. For a profile,
// bring [Kit.CustomToken] to [deskauth.Auth.SigninWithCustomToken] yourself.
func (k *Kit) External(projectID, externalID string) (deskauth.Identity, string) {
	k.t.Helper()
	token := k.CustomToken(projectID, externalID, nil)
	return k.signedIn(k.Auth.SigninWithCustomToken(k.ctx(), deskauth.CustomTokenInput{Token: deskauth.NewSecret(token)}))
}

// signedIn returns what the token of a session proves, and the token.
func (k *Kit) signedIn(session deskauth.Session, err error) (deskauth.Identity, string) {
	k.t.Helper()
	if err != nil {
		k.t.Fatalf("deskauthtest: sign in: %v", err)
	}
	id, err := k.Auth.Verify(k.ctx(), session.Token)
	if err != nil {
		k.t.Fatalf("deskauthtest: verify a new token: %v", err)
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
