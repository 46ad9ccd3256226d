package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/crypto/argon2"
)

// BenchmarkSignin measures target P4: all of a sign-in takes at most 1.03 × a bare
// Argon2id. An unknown address and a wrong password are within 3 % of a success.
func BenchmarkSignin(b *testing.B) {
	ctx := context.Background()
	auth := newAuth(b)
	const password = "correct horse battery"
	in := deskauth.SignupInput{
		Email:     "andrea.leo@f22.it",
		Password:  deskauth.NewSecret(password),
		FirstName: "Andrea",
		LastName:  "Leo",
	}
	if _, err := auth.Signup(ctx, in); err != nil {
		b.Fatal(err)
	}
	refused := func(email, password string) func() error {
		return func() error {
			_, err := auth.Signin(ctx, deskauth.SigninInput{Email: email, Password: deskauth.NewSecret(password)})
			if !errors.Is(err, deskauth.ErrInvalidCredentials) {
				return fmt.Errorf("got %v, want ErrInvalidCredentials", err)
			}
			return nil
		}
	}
	interleaveBy(b, 1,
		side{"deskauth", func() error {
			_, err := auth.Signin(ctx, deskauth.SigninInput{Email: in.Email, Password: in.Password})
			return err
		}},
		side{"argon2", func() error {
			argon2.IDKey([]byte(password), []byte("a salt of 16 byt"), 2, 19<<10, 1, 32)
			return nil
		}},
		side{"unknown", refused("nobody@f22.it", password)},
		side{"wrong", refused(in.Email, "battery staple horse")},
	)
}

// BenchmarkCustomToken measures target P6: a known user whose claims are the same takes at
// most 2.2 × golang-jwt's bare parse.
func BenchmarkCustomToken(b *testing.B) {
	ctx := context.Background()
	auth := newAuth(b)
	now := time.Now()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"_id": "123", "sub": "userexternal", "aud": "https://tiledesk.com/projects/p",
		"iat": now.Unix(), "exp": now.Unix() + 3600,
		"firstname": "Andrea", "lastname": "Leo", "email": "andrea.leo@f22.it", "customAttr": "c1",
	}).SignedString([]byte(projectSecret))
	if err != nil {
		b.Fatal(err)
	}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithAudience("https://tiledesk.com/projects/p"))
	keyOf := func(*jwt.Token) (any, error) { return []byte(projectSecret), nil }
	interleave(b,
		side{"deskauth", func() error {
			_, err := auth.SigninWithCustomToken(ctx, deskauth.CustomTokenInput{Token: deskauth.NewSecret(token)})
			return err
		}},
		side{"golang-jwt", func() error {
			_, err := parser.ParseWithClaims(token, jwt.MapClaims{}, keyOf)
			return err
		}},
	)
}

// BenchmarkAnonymousOverHTTP measures the second half of target P5: at most 2.2 × a handler
// that decodes and encodes the same JSON and does nothing else.
func BenchmarkAnonymousOverHTTP(b *testing.B) {
	handler := httpadapter.New(newAuth(b), httpadapter.Config{})
	const body = `{"id_project":"p","firstname":"Ada","attributes":{"page":"/pricing"}}`
	var answer struct {
		Success bool           `json:"success"`
		Token   string         `json:"token"`
		User    map[string]any `json:"user"`
	}
	call := func(h http.Handler) (*httptest.ResponseRecorder, error) {
		r := httptest.NewRequest(http.MethodPost, "/signinAnonymously", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			return w, fmt.Errorf("status %d: %s", w.Code, w.Body)
		}
		return w, nil
	}
	w, err := call(handler)
	if err == nil {
		err = json.Unmarshal(w.Body.Bytes(), &answer)
	}
	if err != nil {
		b.Fatal(err)
	}
	floor := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request struct {
			ProjectID  string         `json:"id_project"`
			FirstName  string         `json:"firstname"`
			LastName   string         `json:"lastname"`
			Attributes map[string]any `json:"attributes"`
		}
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(answer)
	})
	interleave(b,
		side{"deskauth", func() error { _, err := call(handler); return err }},
		side{"floor", func() error { _, err := call(floor); return err }},
	)
}
