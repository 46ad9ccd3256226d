package oteldeskauth_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/oteldeskauth"
	"go.opentelemetry.io/otel/trace"
)

func TestOnEvent(t *testing.T) {
	t.Parallel()
	p := newProbe(t)
	for _, e := range []deskauth.Event{
		{Type: deskauth.EventPasswordRehashed, Operation: deskauth.OperationSignin},
		{Type: deskauth.EventSignedIn, Operation: deskauth.OperationSignin, Ends: true, HashWait: 1, HashTime: 1},
		{Type: deskauth.EventSignedIn, Operation: deskauth.OperationCustomToken, Ends: true, KeyID: "k"},
		{Type: deskauth.EventOldKeyUsed, Operation: deskauth.OperationCustomToken, KeyID: "k"},
		{
			Type: deskauth.EventRefused, Operation: deskauth.OperationSignin, Ends: true,
			Reason: deskauth.ReasonRateLimited, Limit: "SigninsPerAccount",
		},
		{
			Type: deskauth.EventRefused, Operation: deskauth.OperationSignin, Ends: true,
			Reason: deskauth.ReasonBusy, HashWait: 1, // it lost its place
		},
		{
			Type: deskauth.EventFailed, Operation: deskauth.OperationSignin, Ends: true,
			Reason: deskauth.ReasonTimeout, Err: errors.New("dial"),
		},
		{Type: deskauth.EventFailed, Operation: deskauth.OperationVerify, Ends: true, Err: errors.New("dial")},
		{Type: deskauth.EventMailSent, Operation: deskauth.OperationSignup, Mail: deskauth.MailEmailVerification},
		{
			Type: deskauth.EventMailFailed, Operation: deskauth.OperationSignup,
			Mail: deskauth.MailEmailVerification, Err: errors.New("dial"),
		},
		{
			Type: deskauth.EventMailWithheld, Operation: deskauth.OperationRequestPasswordReset, Ends: true,
			Mail: deskauth.MailPasswordReset, Reason: deskauth.ReasonUnknownAddress,
		},
		{
			Type: deskauth.EventMailWithheld, Operation: deskauth.OperationRequestPasswordReset, Ends: true,
			Mail: deskauth.MailPasswordReset, Reason: deskauth.ReasonRateLimited, Limit: "MailsPerAddress",
		},
	} {
		p.OnEvent(t.Context(), e)
	}
	p.want(t, "deskauth.operations",
		"operation=signin outcome=succeeded: 1",
		"operation=custom_token outcome=succeeded: 1",
		"operation=signin outcome=refused reason=rate_limited: 1",
		"operation=signin outcome=refused reason=busy: 1",
		"operation=signin outcome=failed reason=timeout: 1",
		"operation=verify outcome=failed: 1",
		"operation=request_password_reset outcome=succeeded: 2")
	p.want(t, "deskauth.operation.duration",
		"operation=signin outcome=succeeded: 1",
		"operation=custom_token outcome=succeeded: 1",
		"operation=signin outcome=refused: 2",
		"operation=signin outcome=failed: 1",
		"operation=verify outcome=failed: 1",
		"operation=request_password_reset outcome=succeeded: 2")
	p.want(t, "deskauth.hash.wait_time", "operation=signin: 2")
	p.want(t, "deskauth.hash.duration", "operation=signin: 1")
	p.want(t, "deskauth.limit.refusals",
		"limit=SigninsPerAccount operation=signin: 1",
		"limit=MailsPerAddress operation=request_password_reset: 1")
	p.want(t, "deskauth.mails",
		"mail=email_verification outcome=sent: 1", "mail=email_verification outcome=failed: 1",
		"mail=password_reset outcome=withheld reason=unknown_address: 1",
		"mail=password_reset outcome=withheld reason=rate_limited: 1")
	p.want(t, "deskauth.events",
		"event=password_rehashed operation=signin: 1", "event=signed_in operation=signin: 1",
		"event=signed_in operation=custom_token: 1", "event=old_key_used operation=custom_token: 1",
		"event=refused operation=signin: 2", "event=failed operation=signin: 1",
		"event=failed operation=verify: 1", "event=mail_sent operation=signup: 1",
		"event=mail_failed operation=signup: 1", "event=mail_withheld operation=request_password_reset: 2")
}

// What no list has becomes "other", so that a new name in deskauth, or a text by mistake,
// makes no time series of its own.
func TestUnknownValuesAreOther(t *testing.T) {
	t.Parallel()
	p := newProbe(t)
	for _, text := range []string{"ada@example.com", "203.0.113.7", "\xff", "Signin", "other"} {
		p.OnEvent(t.Context(), deskauth.Event{
			Type: deskauth.EventType(text), Operation: deskauth.Operation(text), Reason: deskauth.Reason(text),
			Limit: text, Mail: deskauth.MailKind(text), Ends: true,
		})
		p.OnEvent(t.Context(), deskauth.Event{
			Type: deskauth.EventRefused, Reason: deskauth.Reason(text), Ends: true,
			Operation: deskauth.OperationSignin,
		})
		p.OnEvent(t.Context(), deskauth.Event{
			Type: deskauth.EventMailWithheld, Reason: deskauth.Reason(text), Mail: deskauth.MailKind(text),
			Operation: deskauth.OperationSignup,
		})
	}
	p.want(t, "deskauth.operations",
		"operation=other outcome=succeeded: 5", "operation=signin outcome=refused reason=other: 5")
	p.want(t, "deskauth.limit.refusals", "limit=other operation=other: 5")
	p.want(t, "deskauth.mails", "mail=other outcome=withheld reason=other: 5")
	p.want(t, "deskauth.events", "event=other operation=other: 5", "event=refused operation=signin: 5",
		"event=mail_withheld operation=signup: 5")
	for _, span := range p.takeSpans() {
		if !slices.Contains([]string{
			"deskauth.other: event=other limit=other operation=other outcome=succeeded: Unset",
			"deskauth.signin: event=refused operation=signin outcome=refused reason=other: Unset",
		}, span) {
			t.Errorf("span %q", span)
		}
	}
}

// The span of a call is in the trace of its request, begins when the call began, and is an
// error only if the host's code failed.
func TestSpanOfACall(t *testing.T) {
	t.Parallel()
	p := newProbe(t)
	ctx, request := p.tracer.Tracer("host").Start(t.Context(), "POST /signin")
	for _, e := range []deskauth.Event{
		{Type: deskauth.EventMailSent, Operation: deskauth.OperationSignup}, // ends nothing
		{
			Type: deskauth.EventSignedIn, Operation: deskauth.OperationSignin, Ends: true,
			Time: time.Unix(0, 0), Duration: 3 * time.Second, HashWait: time.Second, HashTime: time.Second / 2,
		},
		{
			Type: deskauth.EventSignedIn, Operation: deskauth.OperationSignin, Ends: true,
			Duration: 3 * time.Second, HashTime: time.Second / 2, // its turn came at once
		},
		{
			Type: deskauth.EventRefused, Operation: deskauth.OperationSignin, Ends: true,
			Reason: deskauth.ReasonBusy, Duration: 3 * time.Second, HashWait: time.Second, // it lost its place
		},
		{
			Type: deskauth.EventRefused, Operation: deskauth.OperationSignin, Ends: true,
			Reason: deskauth.ReasonRateLimited, Limit: "SigninsPerClient", Duration: 3 * time.Second,
		},
		{
			Type: deskauth.EventFailed, Operation: deskauth.OperationSignin, Ends: true,
			Err: errors.New("dial"), Duration: 3 * time.Second,
		},
		{
			Type: deskauth.EventFailed, Operation: deskauth.OperationSignin, Ends: true,
			Reason: deskauth.ReasonTimeout, Err: errors.New("dial"), Duration: 3 * time.Second,
		},
	} {
		p.OnEvent(ctx, e)
	}
	for _, s := range p.spans.GetSpans() {
		if took := s.EndTime.Sub(s.StartTime); took != 3*time.Second || time.Since(s.EndTime) > time.Hour {
			t.Errorf("%s begins at %v and takes %v, want 3s until now", s.Name, s.StartTime, took)
		}
		if s.Parent.SpanID() != request.SpanContext().SpanID() || s.SpanKind != trace.SpanKindInternal {
			t.Errorf("%s is of the kind %v and has the parent %v", s.Name, s.SpanKind, s.Parent.SpanID())
		}
	}
	want := []string{
		"deskauth.signin: event=signed_in hash.duration=0.5 hash.wait_time=1 operation=signin outcome=succeeded: Unset",
		"deskauth.signin: event=signed_in hash.duration=0.5 hash.wait_time=0 operation=signin outcome=succeeded: Unset",
		"deskauth.signin: event=refused hash.wait_time=1 operation=signin outcome=refused reason=busy: Unset",
		"deskauth.signin: event=refused limit=SigninsPerClient operation=signin outcome=refused reason=rate_limited: Unset",
		"deskauth.signin: error.type=_OTHER event=failed operation=signin outcome=failed: Error",
		"deskauth.signin: error.type=timeout event=failed operation=signin outcome=failed reason=timeout: Error",
	}
	if got := p.takeSpans(); !slices.Equal(got, want) {
		t.Errorf("spans %q, want %q", got, want)
	}
}

// Each failure has its time series before it happens.
func TestFailuresBeginAtZero(t *testing.T) {
	t.Parallel()
	p := newProbe(t)
	series := map[string]int{}
	for _, m := range p.collect(t) {
		for _, point := range points(t, m) {
			if outcome, _ := point.labels.Value("deskauth.outcome"); outcome.AsString() != "failed" || point.value != 0 {
				t.Errorf("%s has the series %v", m.Name, point)
			}
			series[m.Name]++
		}
	}
	lists := oteldeskauth.Lists()
	want := map[string]int{ // without "other"
		"deskauth.operations": 2 * (len(lists["deskauth.operation"]) - 1),
		"deskauth.mails":      len(lists["deskauth.mail"]) - 1,
	}
	if !maps.Equal(series, want) {
		t.Errorf("there are the series %v, want %v", series, want)
	}
}

// A context that has ended, or has nothing in it, changes nothing.
func TestOnEventWithAnyContext(t *testing.T) {
	t.Parallel()
	p := newProbe(t)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	e := deskauth.Event{Type: deskauth.EventSignedUp, Operation: deskauth.OperationSignup, Ends: true}
	p.OnEvent(ended, e)
	p.OnEvent(context.Background(), e)
	p.want(t, "deskauth.operations", "operation=signup outcome=succeeded: 2")
}
