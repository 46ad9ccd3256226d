package storetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite"
)

// differences returns how got differs from want, a phrase for each field. It goes over the
// fields of the struct, so a field that is added later is compared from its first day.
func differences(got, want deskauth.Account) (all []string) {
	g, w := reflect.ValueOf(got), reflect.ValueOf(want)
	for _, f := range reflect.VisibleFields(g.Type()) {
		if f.Anonymous {
			continue
		}
		gv, wv := g.FieldByIndex(f.Index).Interface(), w.FieldByIndex(f.Index).Interface()
		if d := difference(gv, wv); d != "" {
			all = append(all, "field "+f.Name+": "+d)
		}
	}
	return all
}

// difference compares as the contract does: times to the millisecond, JSON by value.
func difference(got, want any) string {
	switch want := want.(type) {
	case time.Time:
		if got := got.(time.Time); got.UnixMilli() != want.UnixMilli() {
			return fmt.Sprintf("got %s, want the instant %s to the millisecond",
				got.Format(time.RFC3339Nano), want.Format(time.RFC3339Nano))
		}
	case json.RawMessage:
		return jsonDifference(got.(json.RawMessage), want)
	default:
		if !reflect.DeepEqual(got, want) {
			return fmt.Sprintf("got %s, want %s", show(got), show(want))
		}
	}
	return ""
}

// jsonDifference compares by value, with the digits of every number.
func jsonDifference(got, want json.RawMessage) string {
	g, w := suite.Short(string(got)), suite.Short(string(want))
	switch {
	case want == nil && got == nil:
		return ""
	case want == nil:
		return fmt.Sprintf("got %d bytes, %+q, want nil", len(got), g)
	case !json.Valid(got):
		return fmt.Sprintf("got %+q, which is not JSON, want %s", g, w)
	case !reflect.DeepEqual(decode(got), decode(want)):
		return fmt.Sprintf("got %s, want an equal value with the same digits: %s", g, w)
	}
	return ""
}

// decode keeps numbers as they are spelled. The text must be valid JSON.
func decode(text json.RawMessage) (v any) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	_ = d.Decode(&v)
	return v
}

// show prints a value so that blanks and look-alikes can be told apart.
func show(v any) string {
	if v := reflect.ValueOf(v); v.Kind() == reflect.String {
		return suite.Quote(v.String())
	}
	return fmt.Sprint(v)
}
