package deskauth

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
	"unsafe"
)

// A field that equals forgets would be lost: change writes nothing where two accounts are
// equal. So each field of an account and of a state, made different, has to be seen.
func TestEqualsSeesEveryField(t *testing.T) {
	t.Parallel()
	seen := 0
	var acc Account
	eachField(t, reflect.ValueOf(&acc).Elem(), "", func(name string, field reflect.Value) {
		before, was := acc, reflect.ValueOf(field.Interface())
		makeDifferent(t, name, field)
		if acc.equals(before) || before.equals(acc) {
			t.Errorf("two accounts with another %s are equal", name)
		}
		field.Set(was)
		if !acc.equals(before) {
			t.Errorf("after %s is what it was, the accounts differ", name)
		}
		seen++
	})
	if seen < 16 {
		t.Errorf("%d fields of an account were seen; it has 16 or more", seen)
	}
	if a, b := (Account{}), (Account{User: User{Attributes: json.RawMessage{}}}); a.equals(b) {
		t.Error("attributes of no bytes are equal to none")
	}
}

// A field of the state has to be seen by equals and to be written. So has each field of
// what is in its lists.
func TestStateEqualsSeesEveryField(t *testing.T) {
	t.Parallel()
	full := func() state {
		s := fullState
		s.ended = append([]endedSession(nil), fullState.ended...)
		s.unknown = append([]unknownMember(nil), fullState.unknown...)
		return s
	}
	seen := 0
	check := func(name string, change func(s *state)) {
		seen++
		before, after := full(), full()
		if !before.equals(&after) {
			t.Fatal("a state does not equal its copy")
		}
		change(&after)
		if before.equals(&after) || after.equals(&before) {
			t.Errorf("two states with another %s are equal", name)
		}
		text, err := after.text()
		if err != nil || text == fullStateText {
			t.Errorf("with another %s the text is %s, %v; want another", name, text, err)
		}
		back, err := readState(text)
		if err != nil || !back.equals(&after) {
			t.Errorf("with another %s, %s is read as %+v, %v; want %+v", name, text, back, err, after)
		}
	}
	of := reflect.TypeFor[state]()
	for i := range of.NumField() {
		name := of.Field(i).Name
		if of.Field(i).Type.Kind() != reflect.Slice {
			check(name, func(s *state) {
				makeDifferent(t, name, settable(reflect.ValueOf(s).Elem().Field(i)))
			})
			continue
		}
		check(name+", one less", func(s *state) {
			list := settable(reflect.ValueOf(s).Elem().Field(i))
			list.SetLen(list.Len() - 1)
		})
		for j := range of.Field(i).Type.Elem().NumField() {
			part := name + "." + of.Field(i).Type.Elem().Field(j).Name
			check(part, func(s *state) {
				list := settable(reflect.ValueOf(s).Elem().Field(i))
				makeDifferent(t, part, settable(list.Index(list.Len()-1).Field(j)))
			})
		}
	}
	if seen < 10 {
		t.Errorf("%d fields of a state were seen; it has 10 or more", seen)
	}
}

// eachField calls f with the fields of a struct, and with those of what it embeds.
func eachField(t *testing.T, v reflect.Value, prefix string, f func(name string, field reflect.Value)) {
	t.Helper()
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.Anonymous {
			eachField(t, v.Field(i), field.Name+".", f)
			continue
		}
		f(prefix+field.Name, v.Field(i))
	}
}

// settable returns a field that has no exported name as one that can be set.
func settable(v reflect.Value) reflect.Value {
	return reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
}

// makeDifferent gives a field a value that it does not have.
func makeDifferent(t *testing.T, name string, field reflect.Value) {
	t.Helper()
	switch v := field.Addr().Interface().(type) {
	case *time.Time:
		*v = v.Add(time.Second)
		return
	case *json.RawMessage:
		*v = json.RawMessage(`{"different":true}`)
		return
	case *string:
		if *v != "" && (*v)[0] == '"' { // a JSON text of a state
			*v = `"different"`
			return
		}
	}
	switch field.Kind() {
	case reflect.String:
		field.SetString(field.String() + "x")
	case reflect.Bool:
		field.SetBool(!field.Bool())
	case reflect.Int64:
		field.SetInt(field.Int() ^ 1)
	default:
		t.Fatalf("%s has the type %s: teach makeDifferent that", name, field.Type())
	}
}
