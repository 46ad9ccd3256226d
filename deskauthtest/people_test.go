package deskauthtest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/deskauthtest"
	"github.com/deskauth/deskauth/httpadapter"
)

// signin signs a user of a kit in through the API.
func signin(t *testing.T, kit *deskauthtest.Kit, email, password string) error {
	t.Helper()
	_, err := kit.Auth.Signin(t.Context(), deskauth.SigninInput{Email: email, Password: deskauth.NewSecret(password)})
	return err
}

func TestUser(t *testing.T) {
	t.Parallel()
	kit := deskauthtest.New(t)
	id, token := kit.User("Ada@example.com")
	if id.Kind != deskauth.KindUser || id.Email != "ada@example.com" || !id.EmailVerified ||
		id.FirstName != "Ada" || id.LastName != "Test" || !id.AuthTime.Equal(kit.Clock.Now()) {
		t.Errorf("the identity is %+v, want a verified user who signed in now", id)
	}
	if proven, err := kit.Auth.Verify(t.Context(), token); err != nil || proven.UserID != id.UserID {
		t.Errorf("the token proves %+v, %v; want the user", proven, err)
	}
	if err := signin(t, kit, "ada@example.com", deskauthtest.Password); err != nil {
		t.Errorf("with the password of the kit: %v", err)
	}
	if err := signin(t, kit, "ada@example.com", "another password"); err != deskauth.ErrInvalidCredentials {
		t.Errorf("with another password: %v, want ErrInvalidCredentials", err)
	}
	account, err := kit.Store.UserByEmail(t.Context(), "ada@example.com")
	if err != nil || !strings.HasPrefix(account.PasswordHash, "$argon2id$v=19$m=8,t=1,p=1$") {
		t.Errorf("the hash is %q, %v; want the cheapest", account.PasswordHash, err)
	}
	if mails := kit.Mailbox.All(); len(mails) != 0 {
		t.Errorf("there are mails: %v", mails)
	}
	again, second := kit.User("ADA@example.com")
	if again.UserID != id.UserID || second == token || again.SessionID == id.SessionID {
		t.Errorf("again it is %+v, want one more session of the user", again)
	}
	if other, _ := kit.User("grace@example.com"); other.UserID == id.UserID || kit.Store.Len() != 2 {
		t.Errorf("another one is %+v, and there are %d accounts", other, kit.Store.Len())
	}
}

func TestEditedUser(t *testing.T) {
	t.Parallel()
	kit := deskauthtest.NewWith(t, deskauth.Config{RequireVerifiedEmail: true})
	id, token := kit.User("ada@example.com", func(a *deskauth.Account) {
		a.FirstName, a.EmailVerified = "Augusta", false
	})
	if id.FirstName != "Augusta" || id.EmailVerified {
		t.Errorf("the identity is %+v, want the edits in it", id)
	}
	if err := signin(t, kit, "ada@example.com", deskauthtest.Password); err != deskauth.ErrEmailUnverified {
		t.Errorf("signin: %v, want ErrEmailUnverified", err)
	}
	again, _ := kit.User("ada@example.com", func(a *deskauth.Account) { a.LastName = "King" })
	if again.FirstName != "Augusta" || again.LastName != "King" || again.EmailVerified {
		t.Errorf("after one more edit it is %+v, want it beside the first ones", again)
	}
	if _, err := kit.Auth.Verify(t.Context(), token); err != nil {
		t.Errorf("the first session: %v", err)
	}
}

// The IDs of a Tiledesk server's users have 24 hexadecimal digits.
func TestUserBesideTiledesk(t *testing.T) {
	t.Parallel()
	kit := deskauthtest.NewWith(t, deskauth.Config{BesideTiledesk: true})
	if id, _ := kit.User("ada@example.com"); len(id.UserID) != 24 {
		t.Errorf("the ID is %q, want 24 digits", id.UserID)
	}
}

func TestGuestAndExternal(t *testing.T) {
	t.Parallel()
	kit := deskauthtest.New(t)
	guest, _ := kit.Guest("shop")
	other, _ := kit.Guest("shop")
	if guest.Kind != deskauth.KindGuest || guest.ProjectID != "shop" || guest.UserID == other.UserID {
		t.Errorf("the guests are %+v and %+v, want two of the shop", guest, other)
	}
	external, first := kit.External("shop", "123")
	again, second := kit.External("shop", "123")
	elsewhere, _ := kit.External("blog", "123")
	if external.Kind != deskauth.KindExternal || external.ProjectID != "shop" || external.ExternalID != "123" {
		t.Errorf("the external user is %+v, want 123 of the shop", external)
	}
	if again.UserID != external.UserID || first == second || elsewhere.UserID == external.UserID {
		t.Errorf("then %+v and %+v, want one more session, and another account of another project", again, elsewhere)
	}
}

func TestDisableAndSignout(t *testing.T) {
	t.Parallel()
	kit := deskauthtest.New(t)
	id, token := kit.User("ada@example.com")
	_, other := kit.User("ada@example.com")
	kit.Signout(token)
	if _, err := kit.Auth.Verify(t.Context(), token); err != deskauth.ErrInvalidToken {
		t.Errorf("signed out: %v, want ErrInvalidToken", err)
	}
	if _, err := kit.Auth.Verify(t.Context(), other); err != nil {
		t.Errorf("another session: %v", err)
	}
	kit.Disable(id)
	if _, err := kit.Auth.Verify(t.Context(), other); err != deskauth.ErrInvalidToken {
		t.Errorf("disabled: %v, want ErrInvalidToken", err)
	}
	if err := signin(t, kit, "ada@example.com", deskauthtest.Password); err != deskauth.ErrInvalidCredentials {
		t.Errorf("a disabled user signs in: %v", err)
	}
}

func TestRequest(t *testing.T) {
	t.Parallel()
	kit := deskauthtest.New(t)
	_, token := kit.Guest("shop")
	handler := httpadapter.Authenticate(kit.Auth, httpadapter.MiddlewareConfig{})(
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for name, c := range map[string]struct {
		token string
		want  int
	}{
		"a token":             {token, http.StatusOK},
		"a token of the wire": {"JWT " + token, http.StatusOK},
		"no token":            {"", http.StatusUnauthorized},
		"garbage":             {"garbage", http.StatusUnauthorized},
	} {
		r := kit.Request(http.MethodPost, "/tickets?open=1", c.token)
		if r.Method != http.MethodPost || r.URL.String() != "/tickets?open=1" || len(r.Header) > 1 {
			t.Errorf("%s: the request is %s %s %v", name, r.Method, r.URL, r.Header)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s: status %d, want %d", name, w.Code, c.want)
		}
	}
}

// People have to cost little, or nobody makes them anew for each test. See them with
// go test -bench . ./deskauthtest
func BenchmarkPeople(b *testing.B) {
	kit := deskauthtest.New(b)
	b.Run("New", func(b *testing.B) {
		for b.Loop() {
			deskauthtest.New(b)
		}
	})
	b.Run("User", func(b *testing.B) {
		for b.Loop() {
			kit.User(strings.ToLower(time.Now().Format("20060102150405.000000000")) + "@example.com")
		}
	})
	b.Run("User again", func(b *testing.B) {
		for b.Loop() {
			kit.User("ada@example.com")
		}
	})
	b.Run("Guest", func(b *testing.B) {
		for b.Loop() {
			kit.Guest("shop")
		}
	})
	b.Run("External", func(b *testing.B) {
		for b.Loop() {
			kit.External("shop", "123")
		}
	})
}
