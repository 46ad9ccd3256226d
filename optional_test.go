package deskauth_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// The store in memory has every optional ability.
var _ interface {
	deskauth.IdlePurger
	deskauth.ActivityReporter
	deskauth.UserDeleter
	deskauth.UserLister
	deskauth.UserImporter
} = (*memstore.Store)(nil)

// UserStore never grows: every store would have to follow.
func TestUserStoreNeverGrows(t *testing.T) {
	t.Parallel()
	want := []string{"CreateUser", "UpdateUser", "UserByEmail", "UserByID"}
	if got := methodsOf(reflect.TypeFor[deskauth.UserStore]()); !slices.Equal(got, want) {
		t.Errorf("UserStore has the methods %q, want %q", got, want)
	}
}

func methodsOf(typ reflect.Type) (names []string) {
	for i := range typ.NumMethod() {
		names = append(names, typ.Method(i).Name)
	}
	return names
}

// Each optional ability has one method, so that a store can have one without another.
func TestEachAbilityHasOneMethod(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "optional.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	abilities := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		ability, ok := spec.Type.(*ast.InterfaceType)
		if !ok || ability.Methods.NumFields() != 1 || len(ability.Methods.List[0].Names) != 1 {
			t.Errorf("%s in optional.go is not an interface of one method", spec.Name)
		}
		abilities++
		return false
	})
	if abilities != 5 {
		t.Errorf("optional.go has %d abilities, and this test knows 5 that memstore has", abilities)
	}
}
