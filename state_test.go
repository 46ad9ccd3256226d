package deskauth

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

var fullState = state{
	codeEpoch:      3,
	ended:          []endedSession{{"s1", time.Unix(1764111111, 0).UTC()}, {"s2", time.Unix(1764111112, 0).UTC()}},
	keptSession:    "s3",
	keptEpoch:      -7,
	raisedEpoch:    math.MaxInt64,
	raisedAt:       time.UnixMilli(1764111111123).UTC(),
	customAfter:    time.UnixMilli(1).UTC(),
	undatedRefused: true,
	profileFrom:    time.UnixMilli(1764111111124).UTC(),
	heir:           "h1",
	unknown:        []unknownMember{{"later", `{"a": [1, 1.0]}`}, {"é", `"\u00e9"`}},
}

const fullStateText = `{"v":1,"code":3,"ended":{"s1":1764111111,"s2":1764111112},"kept_sid":"s3","kept_epoch":-7,` +
	`"raised_epoch":9223372036854775807,"raised_at":1764111111123,"custom_after":1,"undated_refused":true,` +
	`"profile_from":1764111111124,"heir":"h1","later":{"a": [1, 1.0]},"é":"\u00e9"}`

// Every field of a state is written, and read back as it was. What another version has
// written stays to the byte.
func TestStateRoundTrip(t *testing.T) {
	t.Parallel()
	v := reflect.ValueOf(fullState)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("fullState has no %s", v.Type().Field(i).Name)
		}
	}
	text, err := fullState.text()
	if err != nil || text != fullStateText {
		t.Errorf("text\n got %s, %v\nwant %s", text, err, fullStateText)
	}
	got, err := readState(fullStateText)
	if err != nil || !reflect.DeepEqual(got, fullState) {
		t.Errorf("readState\n got %+v, %v\nwant %+v", got, err, fullState)
	}
	if empty, err := new(state).text(); err != nil || empty != "" {
		t.Errorf("the zero state: %q, %v; want nothing", empty, err)
	}
	if got, err := readState(""); err != nil || !reflect.DeepEqual(got, state{}) {
		t.Errorf("readState of nothing: %+v, %v", got, err)
	}
	if got, err := readState(` { "code" : 3 , "v" : 1 } `); err != nil || got.codeEpoch != 3 {
		t.Errorf("readState of another spelling: %+v, %v", got, err)
	}
}

// A State that cannot be read is an error for every reader.
func TestUnreadableState(t *testing.T) {
	t.Parallel()
	texts := []string{
		"x", "{", "null", "[]", "{}", `{"v":1}x`, `{"v":1,"v":1}`, `{"v":2}`, `{"v":"1"}`, `{"v":1.0}`, `{"code":1}`,
		`{"v":1,"code":"1"}`, `{"v":1,"code":1.5}`, `{"v":1,"code":9223372036854775808}`, `{"v":1,"ended":[]}`,
		`{"v":1,"ended":{"s1":"1"}}`, `{"v":1,"ended":{"s1":1,"s1":1}}`, `{"v":1,"kept_sid":1}`, `{"v":1,"kept_epoch":null}`,
		`{"v":1,"raised_epoch":{}}`, `{"v":1,"raised_at":"1"}`, `{"v":1,"custom_after":false}`,
		`{"v":1,"undated_refused":false}`, `{"v":1,"profile_from":[]}`, `{"v":1,"heir":1}`,
		"{\"v\":1,\"later\":\"\x00\"}", fullStateText[:100],
	}
	for _, text := range texts {
		s, err := readState(text)
		if err == nil || !reflect.DeepEqual(s, state{}) || !strings.Contains(err.Error(), "State") {
			t.Errorf("readState(%q): %+v, %v; want an error", text, s, err)
		}
		if !json.Valid([]byte(text)) && err != nil && !strings.Contains(err.Error(), "cannot be read") {
			t.Errorf("readState(%q): %v, want that it cannot be read", text, err)
		}
		if s, ended, err := stateOfSession(text, "s1"); err == nil || ended || !reflect.DeepEqual(s, state{}) {
			t.Errorf("stateOfSession(%q): %+v, %t, %v; want an error", text, s, ended, err)
		}
	}
}

// Who asks about one session is told the same as who reads all.
func TestStateOfSession(t *testing.T) {
	t.Parallel()
	for session, want := range map[string]struct{ ended, kept bool }{
		"s1": {true, false}, "s2": {true, false}, "s3": {false, true}, "s4": {false, false}, "s": {false, false},
	} {
		s, ended, err := stateOfSession(fullStateText, session)
		if err != nil || ended != want.ended || (s.keptSession == session) != want.kept || s.keptEpoch != -7 ||
			s.raisedEpoch != math.MaxInt64 || !s.raisedAt.Equal(fullState.raisedAt) {
			t.Errorf("%s: %+v, %t, %v; want %+v", session, s, ended, err, want)
		}
	}
}

// There is room for 64 ended sessions. Those whose tokens have expired make room.
func TestS48_EndedSessionsArePruned(t *testing.T) {
	t.Parallel()
	begin := time.Unix(1764111111, 0)
	var s state
	for i := range maxEndedSessions {
		if !s.end(fmt.Sprint("s", i), begin.Add(time.Duration(i)*time.Minute), begin) {
			t.Fatalf("no room for session %d", i)
		}
	}
	if !s.end("s1", begin.Add(time.Hour), begin) || len(s.ended) != maxEndedSessions {
		t.Errorf("a session that has ended before takes room: %d", len(s.ended))
	}
	if s.end("one more", begin.Add(time.Hour), begin) || s.hasEnded("one more") {
		t.Error("there is room for one more than 64")
	}
	if !s.end("one more", begin.Add(time.Hour), begin.Add(time.Minute+time.Second)) {
		t.Error("two expired and left no room")
	}
	if s.hasEnded("s0") || s.hasEnded("s1") || !s.hasEnded("s2") || !s.hasEnded("one more") {
		t.Errorf("%v are kept, want all but s0 and s1", s.ended)
	}
	// The clock may be ahead: the 16 that end last stay.
	if !s.end("last", begin.Add(2*time.Hour), begin.AddDate(9, 0, 0)) || len(s.ended) != 17 || s.hasEnded("s48") ||
		!s.hasEnded("s49") {
		t.Errorf("%v are kept, want s49 to s63, the one more and the last", s.ended)
	}
}

// What is kept after a raise is the session to keep, and where there is none, nothing.
func TestStateOfARaise(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1764111111123).UTC()
	for keep, want := range map[string]string{
		"":   `{"v":1,"raised_epoch":5,"raised_at":1764111111123}`,
		"s1": `{"v":1,"kept_sid":"s1","kept_epoch":5,"raised_epoch":5,"raised_at":1764111111123}`,
	} {
		s := state{ended: []endedSession{{"s2", at}}, keptSession: "s3", keptEpoch: 4, raisedEpoch: 4}
		s.raise(5, at, keep)
		if got, err := s.text(); err != nil || got != want {
			t.Errorf("a raise that keeps %q: %s, %v; want %s", keep, got, err, want)
		}
	}
}

func TestStateHasABound(t *testing.T) {
	t.Parallel()
	s := state{unknown: []unknownMember{{"later", `"` + strings.Repeat("x", maxStateBytes) + `"`}}}
	if text, err := s.text(); err == nil || text != "" {
		t.Errorf("%d bytes, %v; want an error", len(text), err)
	}
	frame := len(`{"v":1,"later":""}`)
	for size, fits := range map[int]bool{maxStateBytes: true, maxStateBytes + 1: false} {
		s := state{unknown: []unknownMember{{"later", `"` + strings.Repeat("x", size-frame) + `"`}}}
		if text, err := s.text(); (err == nil) != fits || fits && len(text) != size {
			t.Errorf("a State of %d bytes: %d, %v", size, len(text), err)
		}
	}
	var ended state
	for i := range maxEndedSessions {
		ended.end(fmt.Sprintf("%064d", i), time.Unix(1764111111, 0), time.Unix(0, 0))
	}
	if text, err := ended.text(); err != nil || len(text) > maxStateBytes/2 {
		t.Errorf("64 of the longest IDs: %d bytes, %v; want half of the bound at most", len(text), err)
	}
}

func FuzzState(f *testing.F) {
	f.Add(fullStateText)
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := readState(text)
		if err != nil {
			return
		}
		for _, session := range []string{"s1", "s3", "other", ""} {
			scanned := stateReader{session: session}
			if !scanned.scan(text) {
				continue
			}
			read := stateReader{session: session}
			if err := read.readAll(text); err != nil || !reflect.DeepEqual(read, scanned) {
				t.Errorf("%q, session %s: scanned %+v, read %+v, %v", text, session, scanned, read, err)
			}
		}
		written, err := s.text()
		if err != nil {
			return // too long
		}
		again, err := readState(written)
		if err != nil || !s.equals(&again) {
			t.Errorf("%q is written %q and read %+v, %v; want %+v", text, written, again, err, s)
		}
		for _, e := range s.ended {
			if e.id == "" {
				continue
			}
			if _, ended, err := stateOfSession(text, e.id); err != nil || !ended {
				t.Errorf("%q: %q has not ended, %v", text, e.id, err)
			}
		}
	})
}
