package oteldeskauth_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/oteldeskauth"
	"go.opentelemetry.io/otel/attribute"
)

// spellings returns a text, and parts of it, in the ways in which it could be written.
func spellings(text string) (list []string) {
	const part = 12
	hash := sha256.Sum256([]byte(text))
	list = append(list, hex.EncodeToString(hash[:8]), base64.StdEncoding.EncodeToString(hash[:9]))
	for _, at := range []int{0, (len(text) - part) / 2, len(text) - part} {
		b := []byte(text[at : at+part])
		backwards := slices.Clone(b)
		slices.Reverse(backwards)
		list = append(list, string(b), string(backwards), url.QueryEscape(string(b)), fmt.Sprintf("%x", b),
			strings.Trim(fmt.Sprint(b), "[]"), strings.ReplaceAll(strings.Trim(fmt.Sprint(b), "[]"), " ", ","))
		for shift := range 3 { // where in a larger text base64 may begin
			b64 := base64.StdEncoding.EncodeToString(b[shift : shift+9])
			list = append(list, b64, strings.NewReplacer("+", "-", "/", "_").Replace(b64))
		}
	}
	return list
}

// seen returns the canary that is in a text, in any case of its letters.
func seen(text string, canaries []string) string {
	text = strings.ToLower(text)
	for _, canary := range canaries {
		for _, spelling := range spellings(canary) {
			if strings.Contains(text, strings.ToLower(spelling)) {
				return canary
			}
		}
	}
	return ""
}

var canaries = []string{
	canaryEmail, canaryNewEmail, canaryGuests, canaryPassword, canaryProject, canaryExternal, canaryName,
	canaryClient, canaryError, canaryKeyID, canarySession, canaryOldKey, canarySecret,
}

func TestS22_ExportedCanariesAreSeen(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte(canaryEmail))
	for _, text := range []string{
		canaryEmail, "<" + strings.ToUpper(canaryEmail) + ">", url.QueryEscape(canaryEmail), canaryError[4:],
		hex.EncodeToString([]byte(canaryPassword)), fmt.Sprintf("%X", canaryExternal),
		base64.StdEncoding.EncodeToString([]byte("x" + canarySession)), fmt.Sprint([]byte(canaryKeyID)),
		base64.RawURLEncoding.EncodeToString([]byte("xy" + canaryClient)), hex.EncodeToString(sum[:]),
	} {
		if seen(text, canaries) == "" {
			t.Errorf("no canary is seen in %s", text)
		}
	}
}

// everything lives with a host that works, with one that fails in each way, with a caller
// that has hung up, and with no attempts left.
func everything(t *testing.T) (lives []*life) {
	t.Helper()
	l, few := newLife(t, deskauth.Limits{}), newLife(t, deskauth.Limits{
		SigninsPerAccountAndClient: deskauth.Rate{Attempts: 1, Per: 1 << 40},
		SignupsPerClient:           deskauth.Rate{Attempts: 1, Per: 1 << 40},
		GuestsPerClient:            deskauth.Rate{Attempts: 1, Per: 1 << 40},
		MailsPerAddress:            deskauth.Rate{Attempts: 1, Per: 1 << 40},
	})
	l.live(t.Context())
	few.live(t.Context())
	l.auth.Signup(t.Context(), signupOf(canaryEmail))
	l.session(t.Context(), canaryEmail)
	l.newGuest(t.Context())
	for _, broken := range []func() error{
		func() error { return errors.New(canaryError) },
		func() error { return fmt.Errorf("%s: %w", canaryError, context.DeadlineExceeded) },
		func() error { return &deskauth.RowError{ID: canaryExternal, Err: errors.New(canaryError)} },
		func() error { panic(canaryError) },
	} {
		l.broken = broken
		l.live(t.Context())
	}
	l.broken, l.noMail = nil, true
	l.live(t.Context())
	hungUp, cancel := context.WithCancel(t.Context())
	cancel()
	l.live(hungUp)
	return []*life{l, few}
}

// exported is all that leaves a life, as text.
func (l *life) exported(t *testing.T) string {
	t.Helper()
	metrics, err := json.Marshal(l.collect(t))
	if err != nil {
		t.Fatal(err)
	}
	spans, err := json.Marshal(l.spans.GetSpans())
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s\n%+v\n%s", metrics, l.collect(t), spans)
}

func TestS22_NoCanaryIsExported(t *testing.T) {
	t.Parallel()
	lookedFor := 0
	ended := map[deskauth.Operation]map[string]bool{}
	types, reasons := map[deskauth.EventType]bool{}, map[deskauth.Reason]bool{}
	for _, l := range everything(t) {
		text := l.exported(t)
		all := slices.DeleteFunc(slices.Concat(canaries, l.secrets), func(s string) bool { return len(s) < 12 })
		if canary := seen(text, all); canary != "" {
			t.Errorf("%q is exported", canary)
		}
		lookedFor += len(all)
		for _, e := range l.events {
			if ended[e.Operation] == nil {
				ended[e.Operation] = map[string]bool{}
			}
			if e.Ends {
				ended[e.Operation][endOf(e)] = true
			}
			types[e.Type], reasons[e.Reason] = true, true
		}
	}
	for _, operation := range oteldeskauth.Lists()["deskauth.operation"] {
		if operation == "other" {
			continue
		}
		silent := slices.Contains([]string{"verify", "linked_to", "jwks"}, operation)
		for _, end := range []string{"refused", "failed", "succeeded"} {
			never := silent && end == "succeeded" || operation == "jwks" && end == "refused"
			if !never && !ended[deskauth.Operation(operation)][end] {
				t.Errorf("no call of %s has %s", operation, end)
			}
		}
	}
	if len(types) < 29 || len(reasons) < 17 || lookedFor < 80 {
		t.Errorf("%d types of event, %d reasons and %d tokens, codes, IDs; want 29, 17 and 80: it sees too little",
			len(types), len(reasons), lookedFor)
	}
}

func endOf(e deskauth.Event) string {
	switch e.Type {
	case deskauth.EventRefused, deskauth.EventFailed:
		return string(e.Type)
	}
	return "succeeded"
}

// What is exported is not only free of canaries: each value stands in a list.
func TestS22_LabelsAreFromTheirLists(t *testing.T) {
	t.Parallel()
	lists := oteldeskauth.Lists()
	lists["error.type"] = []string{"timeout", "_OTHER"}
	ofOperation, ofMail, ofCall := oteldeskauth.Outcomes()
	check := func(where string, attributes []attribute.KeyValue) {
		lists["deskauth.outcome"] = ofCall
		switch {
		case strings.HasPrefix(where, "deskauth.operation"):
			lists["deskauth.outcome"] = ofOperation
		case where == "deskauth.mails":
			lists["deskauth.outcome"] = ofMail
		}
		for _, a := range attributes {
			isTime := a.Value.Type() == attribute.FLOAT64 && strings.HasPrefix(string(a.Key), "deskauth.hash.")
			if !isTime && !slices.Contains(lists[string(a.Key)], a.Value.String()) {
				t.Errorf("%s has %s=%s, which is in no list", where, a.Key, a.Value.String())
			}
		}
	}
	for _, l := range everything(t) {
		for _, m := range l.collect(t) {
			for _, p := range points(t, m) {
				check(m.Name, p.labels.ToSlice())
			}
		}
		for _, s := range l.spans.GetSpans() {
			_, name, _ := strings.Cut(s.Name, ".")
			if !slices.Contains(slices.Concat(lists["deskauth.operation"], lists["deskauth.method"]), name) {
				t.Errorf("a span has the name %s", s.Name)
			}
			check(s.Name, s.Attributes)
			if len(s.Events)+len(s.Links) > 0 || s.Status.Description != "" {
				t.Errorf("%s has events %v, links %v, the status %q", s.Name, s.Events, s.Links, s.Status.Description)
			}
		}
	}
}
