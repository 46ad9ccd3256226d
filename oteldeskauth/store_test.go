package oteldeskauth_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
	"github.com/deskauth/deskauth/oteldeskauth"
	"github.com/deskauth/deskauth/storetest"
	"go.opentelemetry.io/otel/trace"
)

func TestStoreRun(t *testing.T) {
	p := newProbe(t)
	storetest.Run(t, func(*testing.T) deskauth.UserStore { return p.Store(memstore.New()) })
	all := strings.Join(p.series(t, "deskauth.store.duration"), "\n")
	for _, method := range oteldeskauth.StoreMethods {
		if !strings.Contains(all, "method="+method+" outcome=succeeded") {
			t.Errorf("the suite has no call of %s", method)
		}
	}
}

// A dummy is a store that answers what it is told, and keeps the context.
type dummy struct {
	answer func() error
	ctx    context.Context
}

func (d *dummy) CreateUser(ctx context.Context, _ deskauth.Account) error {
	d.ctx = ctx
	return d.answer()
}
func (d *dummy) UpdateUser(context.Context, deskauth.Account) error { return d.answer() }

func (d *dummy) UserByID(context.Context, string) (deskauth.Account, error) {
	return deskauth.Account{}, d.answer()
}

func (d *dummy) UserByEmail(context.Context, string) (deskauth.Account, error) {
	return deskauth.Account{}, d.answer()
}

func TestStoreOutcomes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		answer error
		want   string
	}{
		{nil, "method=UserByID outcome=succeeded: Unset"},
		{deskauth.ErrUserNotFound, "method=UserByID outcome=not_found: Unset"},
		{deskauth.ErrUserExists, "method=UserByID outcome=exists: Unset"},
		{deskauth.ErrConflict, "method=UserByID outcome=conflict: Unset"},
		{errors.ErrUnsupported, "method=UserByID outcome=unsupported: Unset"},
		{context.Canceled, "method=UserByID outcome=canceled: Unset"},
		{context.DeadlineExceeded, "error.type=timeout method=UserByID outcome=timeout: Error"},
		{&deskauth.RowError{}, "error.type=_OTHER method=UserByID outcome=unreadable: Error"},
		{errors.New("dial tcp 10.0.0.5:5432: connection refused"), "error.type=_OTHER method=UserByID outcome=failed: Error"},
	} {
		p := newProbe(t)
		d := &dummy{answer: func() error {
			if c.answer == nil {
				return nil
			}
			return fmt.Errorf("store: %w", c.answer)
		}}
		_, err := p.Store(d).UserByID(t.Context(), "1")
		if !errors.Is(err, c.answer) {
			t.Errorf("the error is %v, want %v", err, c.answer)
		}
		if got, want := p.takeSpans(), []string{"UserStore.UserByID: " + c.want}; !slices.Equal(got, want) {
			t.Errorf("%v makes the span %q, want %q", c.answer, got, want)
		}
		labels, _, _ := strings.Cut(c.want[strings.Index(c.want, "method="):], ":")
		p.want(t, "deskauth.store.duration", strings.TrimSpace(labels)+": 1")
	}
}

// A panic goes on, and its call has failed.
func TestStorePanic(t *testing.T) {
	t.Parallel()
	p := newProbe(t)
	func() {
		defer func() {
			if got := recover(); got != "index out of range" {
				t.Errorf("recovered %v", got)
			}
		}()
		p.Store(&dummy{answer: func() error { panic("index out of range") }}).UpdateUser(t.Context(), deskauth.Account{})
	}()
	p.want(t, "deskauth.store.duration", "method=UpdateUser outcome=failed: 1")
	want := []string{"UserStore.UpdateUser: error.type=_OTHER method=UpdateUser outcome=failed: Error"}
	if got := p.takeSpans(); !slices.Equal(got, want) {
		t.Errorf("spans %q, want %q", got, want)
	}
}

// A keeper is a store in memory that keeps the context of UserByID.
type keeper struct {
	*memstore.Store
	promises bool
	ctx      context.Context
}

func (k *keeper) InMemory() any {
	if k.promises {
		return k
	}
	return nil
}

func (k *keeper) UserByID(ctx context.Context, id string) (deskauth.Account, error) {
	k.ctx = ctx
	return k.Store.UserByID(ctx, id)
}

// An Auth puts its deadline around a store that may wait, and around no other, measured or
// not.
func TestDeadlineOfAMeasuredStore(t *testing.T) {
	t.Parallel()
	p := newProbe(t)
	for _, promises := range []bool{true, false} {
		k := &keeper{Store: memstore.New(), promises: promises}
		auth, err := deskauth.New(p.Store(k), deskauth.StaticSecrets{
			Session: []deskauth.Key{deskauth.NewKey("", "HS256", sessionSecret)},
		}, deskauth.Config{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := auth.LinkedTo(context.Background(), "nobody"); err == nil || k.ctx == nil {
			t.Fatalf("%v; the store was asked: %t", err, k.ctx != nil)
		}
		if _, limited := k.ctx.Deadline(); limited == promises {
			t.Errorf("a store that promises not to wait, %t, has a deadline: %t", promises, limited)
		}
	}
}

// The span is a child of the caller's, and the parent of what a driver makes.
func TestStoreSpansNest(t *testing.T) {
	t.Parallel()
	p := newProbe(t)
	ctx, request := p.tracer.Tracer("host").Start(t.Context(), "POST /signin")
	d := &dummy{answer: func() error { return nil }}
	if err := p.Store(d).CreateUser(ctx, deskauth.Account{}); err != nil {
		t.Fatal(err)
	}
	s := p.spans.GetSpans()[0]
	if s.Parent.SpanID() != request.SpanContext().SpanID() || s.SpanKind != trace.SpanKindInternal {
		t.Errorf("the span is of the kind %v and has the parent %v", s.SpanKind, s.Parent.SpanID())
	}
	if inner := trace.SpanContextFromContext(d.ctx); inner.SpanID() != s.SpanContext.SpanID() {
		t.Errorf("the store's context has the span %v, want %v", inner.SpanID(), s.SpanContext.SpanID())
	}
}

// Nothing is what it was before: deskauth.New refuses it, or takes its default.
func TestNil(t *testing.T) {
	t.Parallel()
	p := newProbe(t)
	if s, k, l := p.Store(nil), p.Keys(nil), p.Limiter(nil); s != nil || k != nil || l != nil {
		t.Errorf("got %v, %v and %v, want nil", s, k, l)
	}
}

func TestPrinted(t *testing.T) {
	t.Parallel()
	p := newProbe(t)
	for want, wrapped := range map[string]any{
		"oteldeskauth.Store(*memstore.Store)":          p.Store(memstore.New()),
		"oteldeskauth.Store(*oteldeskauth_test.dummy)": p.Store(&dummy{}),
		"oteldeskauth.Keys(oteldeskauth_test.provider)": p.Keys(provider{
			secrets: deskauth.StaticSecrets{Session: []deskauth.Key{deskauth.NewKey("", "HS256", sessionSecret)}},
		}),
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if got := fmt.Sprintf(verb, wrapped); got != want {
				t.Errorf("%s prints %s, want %s", verb, got, want)
			}
		}
	}
}
