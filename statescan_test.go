package deskauth

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// scan takes our own spelling, and reads in it what readAll reads.
func TestScanState(t *testing.T) {
	t.Parallel()
	known := fullState
	known.unknown = nil
	text, err := known.text()
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{text, `{"v":1}`, `{"v":1,"undated_refused":true}`, `{"v":1,"ended":{"s9":0}}`}
	for _, member := range strings.Split(text[len(`{"v":1,`):len(text)-1], `,"`) {
		if !strings.Contains(member, "{") && !strings.Contains(member, "}") {
			texts = append(texts, `{"v":1,"`+strings.TrimPrefix(member, `"`)+`}`)
		}
	}
	for _, text := range texts {
		for _, session := range []string{"s1", "s2", "s3", "s9", ""} {
			scanned, read := stateReader{session: session}, stateReader{session: session}
			if !scanned.scan(text) {
				t.Errorf("%s is not scanned", text)
			}
			if err := read.readAll(text); err != nil || !reflect.DeepEqual(scanned, read) {
				t.Errorf("%s, session %s: scanned %+v, read %+v, %v", text, session, scanned, read, err)
			}
		}
	}
}

// Every other spelling, and every cut or changed byte, is left to the reader of JSON or
// read as that does.
func TestScanStateIsNoLooser(t *testing.T) {
	t.Parallel()
	known := fullState
	known.unknown = nil
	whole, err := known.text()
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{fullStateText, ` {"v":1}`, `{"v":1} `, `{"v":10}`, `{"v":1,"code":01}`, `{"v":1,"code":-}`,
		`{"v":1,"code":-01}`, `{"v":1,"code":-0}`, `{"v":1,"ended":{"s\u0031":1}}`, `{"v":1,"ended":{"~ ":1}}`,
		`{"v":1,"code":1,"code":1}`, `{"v":1,"ended":{}}`, "{\"v\":1,\"kept_sid\":\"\xff\"}",
		"{\"v\":1,\"ended\":{\"\x01\":1}}", `{"v":1,"ended":{"\\u0073":1}}`, `{"v":1,"undated_refused":truer}`}
	for i := range whole {
		texts = append(texts, whole[:i], whole[:i]+whole[i+1:], whole[:i]+"0"+whole[i:], whole[:i]+`"`+whole[i+1:])
	}
	for _, text := range texts {
		for _, session := range []string{"s1", ""} {
			scanned, read := stateReader{session: session}, stateReader{session: session}
			if !scanned.scan(text) {
				continue
			}
			if err := read.readAll(text); err != nil || !reflect.DeepEqual(scanned, read) {
				t.Errorf("%s, session %q: scanned %+v, read %+v, %v", text, session, scanned, read, err)
			}
		}
	}
}

func TestStateOfSessionAllocatesNothing(t *testing.T) {
	s := state{codeEpoch: 3, raisedEpoch: 4, raisedAt: time.UnixMilli(1764111111123), keptSession: "s9", keptEpoch: 4}
	for i := range 3 {
		s.end(fmt.Sprintf("0b5ae5f6-6a8e-4a3e-9d4f-0000000000%02d", i), time.Unix(1764111111, 0), time.Unix(0, 0))
	}
	text, err := s.text()
	if err != nil {
		t.Fatal(err)
	}
	got := testing.AllocsPerRun(100, func() {
		if _, ended, err := stateOfSession(text, "0b5ae5f6-6a8e-4a3e-9d4f-000000000001"); err != nil || !ended {
			t.Fatal(ended, err)
		}
	})
	if got != 0 {
		t.Errorf("%v allocations for\n%s", got, text)
	}
}
