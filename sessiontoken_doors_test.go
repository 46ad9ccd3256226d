package deskauth_test

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/authtest"
	"github.com/deskauth/deskauth/internal/testkit"
)

// A door is a way in for a token. Its kind of account may use it.
type door struct {
	kind  deskauth.Kind
	enter func(ctx context.Context, k testkit.MailKit, token string) error
	late  bool // an expired token is good: it ends its session, and with it what renewed it
}

// doors are all of them, by method, and by field where the method takes an input.
var doors = map[string]door{
	"Verify": {
		kind: deskauth.KindUser,
		enter: func(ctx context.Context, k testkit.MailKit, token string) error {
			_, err := k.Verify(ctx, token)
			return err
		},
	},
	"VerifyStateless": {
		kind: deskauth.KindUser,
		enter: func(ctx context.Context, k testkit.MailKit, token string) error {
			_, err := k.VerifyStateless(ctx, token)
			return err
		},
	},
	"Signout": {
		kind: deskauth.KindUser,
		enter: func(ctx context.Context, k testkit.MailKit, token string) error {
			return k.Signout(ctx, token)
		},
		late: true,
	},
	"SigninWithCustomToken Token": {
		kind: deskauth.KindUser,
		enter: func(ctx context.Context, k testkit.MailKit, token string) error {
			_, err := k.SigninWithCustomToken(ctx, deskauth.CustomTokenInput{Token: deskauth.NewSecret(token)})
			return err
		},
	},
	"SigninWithCustomToken GuestToken": {kind: deskauth.KindGuest, enter: linksGuest},
	"UpgradeGuest GuestToken": {
		kind: deskauth.KindGuest,
		enter: func(ctx context.Context, k testkit.MailKit, token string) error {
			in := deskauth.UpgradeGuestInput{GuestToken: deskauth.NewSecret(token), SignupInput: testkit.Andrea()}
			_, err := k.UpgradeGuest(ctx, in)
			return err
		},
	},
	"ChangePassword Token": {
		kind: deskauth.KindUser,
		enter: func(ctx context.Context, k testkit.MailKit, token string) error {
			_, err := k.ChangePassword(ctx, deskauth.ChangePasswordInput{
				Token: deskauth.NewSecret(token), Current: deskauth.NewSecret("a long password"),
				New: deskauth.NewSecret("another long password"),
			})
			return err
		},
	},
	"UpdateProfile Token": {
		kind: deskauth.KindUser,
		enter: func(ctx context.Context, k testkit.MailKit, token string) error {
			name := "Changed"
			_, err := k.UpdateProfile(ctx, deskauth.UpdateProfileInput{Token: deskauth.NewSecret(token), FirstName: &name})
			return err
		},
	},
	"DeleteAccount Token": {
		kind: deskauth.KindUser,
		enter: func(ctx context.Context, k testkit.MailKit, token string) error {
			return k.DeleteAccount(ctx, deskauth.DeleteAccountInput{Token: deskauth.NewSecret(token)})
		},
	},
	"RequestEmailVerification Token": {
		kind: deskauth.KindUser,
		enter: func(ctx context.Context, k testkit.MailKit, token string) error {
			return k.RequestEmailVerification(ctx, deskauth.RequestEmailVerificationInput{Token: deskauth.NewSecret(token)})
		},
	},
	"RequestEmailChange Token": {
		kind: deskauth.KindUser,
		enter: func(ctx context.Context, k testkit.MailKit, token string) error {
			return k.RequestEmailChange(ctx, deskauth.RequestEmailChangeInput{
				Token: deskauth.NewSecret(token), Email: "new@f22.it", Password: deskauth.NewSecret("a long password"),
			})
		},
	},
}

// linksGuest brings a guest's token beside a good custom token. A bad one fails no sign-in,
// and links nothing.
func linksGuest(ctx context.Context, k testkit.MailKit, token string) error {
	k.Events.Take()
	_, err := k.SigninWithCustomToken(ctx, deskauth.CustomTokenInput{
		Token: deskauth.NewSecret(testkit.TokenA(`"123"`)), GuestToken: deskauth.NewSecret(token),
	})
	linked := slices.Contains(testkit.Types(k.Events.Take()), deskauth.EventGuestLinked)
	if err == nil && !linked {
		return deskauth.ErrInvalidToken
	}
	return err
}

// No method takes a session token that was forged, in any of the ways that authtest knows.
// What it refuses changes nothing.
func TestS01_EveryWayInRefusesForgedTokens(t *testing.T) {
	t.Parallel()
	for name, d := range doors {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := testkit.NewMail(t, deskauth.Config{Limits: testkit.NoLimits(), Logger: testkit.Quiet})
			k.Clock.Advance(time.Since(k.Clock.Now())) // the attacks are of today
			honest := k.MustSession(t, d.kind).Token
			k.MustCustom(t, testkit.TokenA(`"123"`)) // whom linksGuest signs in
			attacks, err := authtest.Attacks(authtest.Target{
				Algorithm: "HS256", Key: testkit.SessionSecret, Claims: []byte(testkit.PartOf(t, honest, 1)),
			})
			if err != nil {
				t.Fatal(err)
			}
			k.Mail.Take()
			before := accountsOf(t, k)
			for _, a := range attacks {
				if d.late && (strings.Contains(a.Name, "past exp") || strings.Contains(a.Why, "has expired")) {
					continue
				}
				if err := d.enter(t.Context(), k, a.Token); !errors.Is(err, deskauth.ErrInvalidToken) {
					t.Errorf("%s: %v, want ErrInvalidToken: %s", a.Name, err, a.Why)
				}
			}
			if after := accountsOf(t, k); !reflect.DeepEqual(after, before) {
				t.Errorf("forged tokens changed the accounts\n%+v\nto\n%+v", before, after)
			}
			if mails := k.Mail.Take(); len(mails) > 0 {
				t.Errorf("forged tokens sent %d mails", len(mails))
			}
			if err := d.enter(t.Context(), k, honest); err != nil {
				t.Errorf("the honest token: %v, want nil: else the others prove nothing", err)
			}
		})
	}
}

func accountsOf(t *testing.T, k testkit.MailKit) []deskauth.Account {
	t.Helper()
	all, err := k.Store.ListUsers(t.Context(), "", 10)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A method that takes a token and is not among the doors would be attacked by no test.
func TestS01_DoorsAreAllWaysIn(t *testing.T) {
	t.Parallel()
	found := waysIn(t)
	if want := slices.Sorted(maps.Keys(doors)); !slices.Equal(found, want) {
		t.Errorf("the methods of Auth take tokens as\n%s\nand the doors are\n%s",
			strings.Join(found, "\n"), strings.Join(want, "\n"))
	}
}

// waysIn returns the methods of Auth with a parameter named token, and those whose input
// has a Secret that is named so.
func waysIn(t *testing.T) (ways []string) {
	t.Helper()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	tokens := map[string][]string{} // the fields of an input, by its type
	methods := map[string]string{}  // the input's type; empty for a parameter
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.TypeSpec:
				if s, ok := n.Type.(*ast.StructType); ok {
					tokens[n.Name.Name] = namesOf(s.Fields, "Secret", "Token")
				}
			case *ast.FuncDecl:
				if n.Recv == nil || !n.Name.IsExported() || typeName(n.Recv.List[0].Type) != "Auth" {
					return false
				}
				if len(namesOf(n.Type.Params, "string", "token")) > 0 {
					ways = append(ways, n.Name.Name)
				}
				last := n.Type.Params.List
				if len(last) > 0 {
					methods[n.Name.Name] = typeName(last[len(last)-1].Type)
				}
				return false
			}
			return true
		})
	}
	for method, input := range methods {
		for _, field := range tokens[input] {
			ways = append(ways, method+" "+field)
		}
	}
	slices.Sort(ways)
	return ways
}

// namesOf returns the fields of a type whose names end in a word.
func namesOf(list *ast.FieldList, typ, word string) (names []string) {
	for _, f := range list.List {
		for _, name := range f.Names {
			if typeName(f.Type) == typ && strings.HasSuffix(name.Name, word) {
				names = append(names, name.Name)
			}
		}
	}
	return names
}

func typeName(e ast.Expr) string {
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}
