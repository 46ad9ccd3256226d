package bench

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
	_ "unsafe" // for go:linkname

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
	"github.com/golang-jwt/jwt/v5"
)

var (
	secret = []byte("a session secret of 36 bytes or more")
	key    = deskauth.NewKey("", "HS256", secret)
)

// claims are the claims of an agent's session token.
type claims struct {
	ID            string `json:"_id"`
	UID           string `json:"uid"`
	Email         string `json:"email"`
	FirstName     string `json:"firstname"`
	LastName      string `json:"lastname"`
	EmailVerified bool   `json:"emailverified"`
	IssuedAt      int64  `json:"iat"`
	Expires       int64  `json:"exp"`
	Audience      string `json:"aud"`
	Issuer        string `json:"iss"`
	Subject       string `json:"sub"`
	JTI           string `json:"jti"`
	SID           string `json:"sid"`
	AuthTime      int64  `json:"auth_time"`
	Epoch         int64  `json:"epoch"`
}

func (c claims) GetExpirationTime() (*jwt.NumericDate, error) {
	return jwt.NewNumericDate(time.Unix(c.Expires, 0)), nil
}
func (c claims) GetIssuedAt() (*jwt.NumericDate, error) {
	return jwt.NewNumericDate(time.Unix(c.IssuedAt, 0)), nil
}
func (c claims) GetNotBefore() (*jwt.NumericDate, error) { return nil, nil }
func (c claims) GetIssuer() (string, error)              { return c.Issuer, nil }
func (c claims) GetSubject() (string, error)             { return c.Subject, nil }
func (c claims) GetAudience() (jwt.ClaimStrings, error)  { return jwt.ClaimStrings{c.Audience}, nil }

const projectSecret = "8b4ac5b9-8c5c-4b8a-9d4f-3f1f2d7c6e10"

func newAuth(tb testing.TB) *deskauth.Auth {
	tb.Helper()
	auth, err := deskauth.New(memstore.New(), deskauth.StaticSecrets{
		Session:  []deskauth.Key{key},
		Projects: map[string][]deskauth.Key{"p": {deskauth.NewKey("", "HS256", projectSecret)}},
	}, deskauth.Config{Logger: slog.New(slog.DiscardHandler), Limits: deskauth.Limits{
		GuestsPerClient: deskauth.NoLimit, GuestsPerProject: deskauth.NoLimit, ExternalsPerProject: deskauth.NoLimit,
		SigninsPerAccount: deskauth.Rate{Attempts: 1_000_000, Per: time.Hour}, // counted and never met
	}})
	if err != nil {
		tb.Fatal(err)
	}
	return auth
}

// issue starts sessions. It is not exported, and a benchmark of the public calls
// around it would measure their stores.
//
//go:linkname issue github.com/deskauth/deskauth.(*Auth).startSession
func issue(a *deskauth.Auth, key deskauth.Key, acc deskauth.Account) (deskauth.Session, error)

var account = deskauth.Account{User: deskauth.User{
	ID:        "0198f3c2-7d5b-7a31-9d0c-5b8f1d6d3a10",
	Kind:      deskauth.KindUser,
	Email:     "andrea.leo@f22.it",
	FirstName: "Andrea",
	LastName:  "Leo",
}}

// BenchmarkVerify measures target P1: at most 0.60 × golang-jwt and 1.2 × the floor, with
// at most 30 allocations.
func BenchmarkVerify(b *testing.B) {
	ctx := context.Background()
	auth := newAuth(b)
	session, err := issue(auth, key, account)
	if err != nil {
		b.Fatal(err)
	}
	token := session.Token
	b.Run("allocations", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			auth.VerifyStateless(ctx, token)
		}
	})
	b.Run("ratio", func(b *testing.B) {
		interleave(b,
			side{"deskauth", func() error { _, err := auth.VerifyStateless(ctx, token); return err }},
			side{"golang-jwt", func() error { return golangJWT(token) }},
			side{"floor", func() error { _, err := floorVerify(token); return err }},
		)
	})
}

// BenchmarkVerifyState measures target P14: what it costs Verify that the account has ended
// three sessions. At most 1.1 ×, and no allocation more.
func BenchmarkVerifyState(b *testing.B) {
	ctx := context.Background()
	auth := newAuth(b)
	guest := func(ended int) (token string) {
		s, err := auth.SigninAnonymously(ctx, deskauth.AnonymousInput{ProjectID: "p"})
		for range ended {
			if err == nil {
				err = auth.Signout(ctx, s.Token)
			}
			if err == nil {
				s, err = auth.IssueSession(ctx, deskauth.IssueInput{UserID: s.User.ID})
			}
		}
		if err != nil {
			b.Fatal(err)
		}
		return s.Token
	}
	without, with := guest(0), guest(3)
	interleave(b,
		side{"ended", func() error { _, err := auth.Verify(ctx, with); return err }},
		side{"none", func() error { _, err := auth.Verify(ctx, without); return err }},
	)
}

// BenchmarkIssue measures target P3: at most 0.60 × golang-jwt and 1.3 × the floor, with at
// most 14 allocations.
func BenchmarkIssue(b *testing.B) {
	auth := newAuth(b)
	now := time.Now()
	c := claims{
		ID: account.ID, UID: account.ID, Email: account.Email, FirstName: account.FirstName, LastName: account.LastName,
		IssuedAt: now.Unix(), Expires: now.Unix() + 86400, Audience: "https://tiledesk.com", Issuer: "https://tiledesk.com",
		Subject: "user", JTI: "6fa6b35a-0f0a-4f5e-8d3b-6a1d0b0b3c11", SID: "0c3b1d4e-5f60-4a71-8b92-a3b4c5d6e7f8",
		AuthTime: now.Unix(),
	}
	b.Run("allocations", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			issue(auth, key, account)
		}
	})
	b.Run("ratio", func(b *testing.B) {
		interleave(b,
			side{"deskauth", func() error { _, err := issue(auth, key, account); return err }},
			side{"golang-jwt", func() error {
				_, err := jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString(secret)
				return err
			}},
			side{"floor", func() error { _, err := floorSign(c); return err }},
		)
	})
}

var parser = jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired(),
	jwt.WithIssuer("https://tiledesk.com"), jwt.WithAudience("https://tiledesk.com"))

// golangJWT checks what deskauth checks: the algorithm, the signature, exp, iss and aud.
func golangJWT(token string) error {
	_, err := parser.ParseWithClaims(token, jwt.MapClaims{}, func(*jwt.Token) (any, error) { return secret, nil })
	return err
}

const floorHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"

// floorVerify is the least that the standard library can do. It checks nothing but the
// signature.
func floorVerify(token string) (c claims, err error) {
	dot := strings.LastIndexByte(token, '.')
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(token[:dot]))
	signature, err := base64.RawURLEncoding.DecodeString(token[dot+1:])
	if err != nil || !hmac.Equal(signature, mac.Sum(nil)) {
		return c, errors.New("bad signature")
	}
	payload, err := base64.RawURLEncoding.DecodeString(token[len(floorHeader)+1 : dot])
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(payload, &c)
}

// floorSign is the least that the standard library can do to issue a token.
func floorSign(c claims) (string, error) {
	payload, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	signed := floorHeader + "." + base64.RawURLEncoding.EncodeToString(payload)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)), nil
}
