package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
)

var (
	errNoTime = errors.New("--at needs a time like 2026-11-26T08:00:00Z")
	errNoKind = errors.New("--as is session or custom")
)

// The verdicts.
const (
	verdictGood      = "good"
	verdictRefused   = "refused"
	verdictUnchecked = "unchecked" // there was no key
)

// An inspection is the answer of token inspect, as --json writes it.
type inspection struct {
	Verdict    string          `json:"verdict"`          // good, refused or unchecked
	Reason     deskauth.Reason `json:"reason,omitempty"` // of deskauth.Event
	Means      string          `json:"means"`
	Detail     string          `json:"detail,omitempty"` // which claim, for instance
	Mend       string          `json:"mend,omitempty"`
	Token      string          `json:"token"` // session or custom
	Project    string          `json:"project,omitempty"`
	Key        *keyShown       `json:"key,omitempty"` // that signed the token
	Header     members         `json:"header"`
	Claims     members         `json:"claims"`
	Times      []timeShown     `json:"times"`
	Signature  int             `json:"signatureBytes"`
	NotChecked []string        `json:"notChecked"`
}

type keyShown struct {
	From      string `json:"from"`
	ID        string `json:"id,omitempty"`
	Algorithm string `json:"algorithm"`
}

type timeShown struct {
	Claim string `json:"claim"`
	At    string `json:"at"`
	Words string `json:"words"`
}

// outcome returns the error that stands for the exit code.
func (i inspection) outcome() error {
	switch i.Verdict {
	case verdictGood:
		return nil
	case verdictRefused:
		return errRefused
	}
	return errors.New("there is no verdict without a key: see --key-file and --jwks, or set " +
		sessionVariable + " or " + projectVariable)
}

// inspectToken asks deskauth about a token and puts the answer into words.
func inspectToken(ctx context.Context, q question, d decoded, now time.Time) (inspection, error) {
	keyless := len(q.keys) == 0
	if keyless && !q.custom {
		q.keys = []sourcedKey{{Key: throwawayKey()}} // an Auth needs one
	}
	got, err := q.ask(ctx)
	if err != nil {
		return inspection{}, err
	}
	i := inspection{
		Verdict: verdictRefused, Reason: got.event.Reason, Detail: got.event.Detail,
		Token: "session", Project: got.event.ProjectID,
		Header: d.header, Claims: d.claims, Times: d.times(now), Signature: d.signature, NotChecked: []string{},
	}
	if q.custom {
		i.Token = "custom"
	}
	if got.key != nil {
		i.Key = &keyShown{got.key.from, got.key.ID(), got.key.Algorithm()}
	}
	switch {
	case got.good():
		i.Verdict, i.Reason = verdictGood, ""
		i.Means = "deskauth takes this token."
	case keyless && i.Reason == deskauth.ReasonBadSignature:
		i.Verdict, i.Reason, i.Detail = verdictUnchecked, "", ""
		i.Means = "There was no key to check the signature with. What follows may be anybody's words."
	default:
		said := wordsOf(i.Reason)
		if q.custom && strings.HasPrefix(i.Detail, "claim aud ") {
			said = q.audienceWords()
		}
		i.Means, i.Mend = said.means, said.mend
	}
	i.NotChecked = append(i.NotChecked, q.notChecked(i.Verdict)...)
	return i, nil
}

// notChecked says what the verdict leaves open.
func (q question) notChecked(verdict string) (open []string) {
	switch {
	case verdict == verdictRefused:
		return nil
	case q.custom && q.storeAsked:
		open = append(open, "the store: a custom token signs in, which writes, so it was not asked")
	case q.custom:
		open = append(open, "whether the account is disabled, or its older tokens were ended: only the service's store knows")
	case q.store == nil:
		open = append(open,
			"whether the session was signed out, or its account disabled or deleted: only the store knows (--store)")
	}
	return append(open, "settings of the service that have no flag here; they are the defaults")
}

func (d decoded) times(now time.Time) []timeShown {
	times := []timeShown{}
	for _, m := range d.claims {
		if at, ok := m.at(); ok {
			times = append(times, timeShown{m.name, instant(at), m.when(at, now)})
		}
	}
	return times
}

// printInspection writes the answer. The signature is not shown: with it, the output would
// be a token.
func (a *app) printInspection(i inspection, d decoded, now time.Time) error {
	if a.json {
		return printJSON(a.out, i)
	}
	t := newTable(a.out)
	title := i.Verdict
	if i.Reason != "" {
		title += ": " + string(i.Reason)
	}
	t.row("verdict", title)
	t.row("", i.Means)
	if i.Detail != "" {
		t.row("", "deskauth says: "+i.Detail)
	}
	if i.Mend != "" {
		t.row("mend", i.Mend)
	}
	t.row("token", i.Token)
	if i.Key != nil {
		id := i.Key.ID
		if id == "" {
			id = "without an ID"
		}
		t.row("key", fmt.Sprintf("%s, %s, from %s", i.Key.Algorithm, id, i.Key.From))
	}
	label := "header"
	for _, m := range d.header {
		t.row(label, m.name, m.shown())
		label = ""
	}
	label = "claims"
	for _, m := range d.claims {
		value := m.shown()
		if at, ok := m.at(); ok {
			value += "  " + instant(at) + ", " + m.when(at, now)
		}
		t.row(label, m.name, value)
		label = ""
	}
	t.row("signature", fmt.Sprintf("%d bytes, not shown", i.Signature))
	label = "not checked"
	for _, open := range i.NotChecked {
		t.row(label, open)
		label = ""
	}
	return t.flush()
}
