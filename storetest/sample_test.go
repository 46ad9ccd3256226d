package storetest

import (
	"reflect"
	"testing"

	"github.com/deskauth/deskauth"
)

// TestSamplesCoverEveryField fails for a field that was added to Account and not to the
// samples: no store would be asked to keep it.
func TestSamplesCoverEveryField(t *testing.T) {
	full, other := reflect.ValueOf(fullAccount("x")), reflect.ValueOf(otherAccount("x"))
	for _, f := range reflect.VisibleFields(reflect.TypeFor[deskauth.Account]()) {
		if f.Anonymous || f.Name == "Version" {
			continue
		}
		a, b := full.FieldByIndex(f.Index), other.FieldByIndex(f.Index)
		if a.IsZero() {
			t.Errorf("fullAccount has no %s", f.Name)
		}
		if f.Name != "ID" && difference(a.Interface(), b.Interface()) == "" {
			t.Errorf("fullAccount and otherAccount have the same %s", f.Name)
		}
	}
}
