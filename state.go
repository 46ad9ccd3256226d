package deskauth

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/deskauth/deskauth/internal/strictjson"
)

const (
	// maxStateBytes is what a store has to hold.
	maxStateBytes = 16 << 10
	// stateVersion rises only where code of the version before has to fail.
	stateVersion = "1"
	// maxEndedSessions is how many sessions are ended one by one. The next one ends all.
	maxEndedSessions = 64
	// keptEndedSessions is how many are remembered whatever the clock says, which may be
	// ahead.
	keptEndedSessions = 16
)

// A state is what [Account.State] says, and this file alone reads and writes it. In the
// text it is a JSON object, with a member for each field that is not zero.
type state struct {
	codeEpoch int64          // `code`: raised with what ends the codes that were mailed
	ended     []endedSession // `ended`: those that signed out one by one, sorted

	// `kept_sid` outlives one raise of SessionEpoch: the one to `kept_epoch`.
	keptSession string
	keptEpoch   int64
	// `raised_epoch` and `raised_at` are when this package last raised SessionEpoch, and to
	// what. They say nothing once another hand has raised it.
	raisedEpoch int64
	raisedAt    time.Time

	customAfter    time.Time // `custom_after`: custom tokens with an `iat` up to then have ended
	undatedRefused bool      // `undated_refused`: and so have those without an `iat`
	profileFrom    time.Time // `profile_from`: the `iat` of the newest custom token that has one

	heir string // `heir`: the ID of the external account that a guest was linked to

	// unknown are the members that another version has written. They are written back as
	// they are.
	unknown []unknownMember
}

type unknownMember struct{ name, value string }

// An endedSession is one that signed out, and when its last token would have expired.
type endedSession struct {
	id    string
	until time.Time
}

func (e endedSession) equals(other endedSession) bool {
	return e.id == other.id && e.until.Equal(other.until)
}

// readState returns what a State says. One that cannot be read is an error and never empty:
// it may say that a session has ended.
func readState(text string) (state, error) {
	var r stateReader
	err := r.readText(text)
	return r.state, err
}

// stateOfSession is readState for callers that ask about one session. It copies nothing of
// a State in our spelling.
func stateOfSession(text, session string) (s state, ended bool, err error) {
	r := stateReader{session: session}
	err = r.readText(text)
	return r.state, r.over, err
}

// A stateReader reads a State, all of it or what it says of one session.
type stateReader struct {
	state
	session string // empty for all
	over    bool   // the session has ended
}

func (r *stateReader) readText(text string) error {
	if text == "" || r.scan(text) {
		return nil
	}
	*r = stateReader{session: r.session}
	err := r.readAll(text)
	if err != nil {
		*r = stateReader{session: r.session}
	}
	return err
}

func (r *stateReader) readAll(text string) error {
	members, err := strictjson.Object([]byte(text), nil)
	if err != nil {
		return fmt.Errorf("the State cannot be read: %w", err)
	}
	version := ""
	for _, m := range members {
		if string(m.Name) == "v" {
			version = string(m.Value)
		} else if !r.read(m) {
			return fmt.Errorf("the State has a member %.40q that cannot be read", string(m.Name))
		}
	}
	if version != stateVersion {
		return fmt.Errorf("the State has the version %.20q, and this program reads %s", version, stateVersion)
	}
	return nil
}

// read takes one member, and reports false for a value that it cannot have.
func (r *stateReader) read(m strictjson.Member) (ok bool) {
	switch string(m.Name) {
	case "code":
		r.codeEpoch, ok = m.Value.Int64()
	case "ended":
		ok = r.readEnded(m.Value)
	case "kept_sid":
		if r.session != "" && m.Value.Equals(r.session) {
			r.keptSession, ok = r.session, true
		} else if r.session != "" {
			ok = m.Value.IsString()
		} else {
			r.keptSession, ok = m.Value.Text()
		}
	case "kept_epoch":
		r.keptEpoch, ok = m.Value.Int64()
	case "raised_epoch":
		r.raisedEpoch, ok = m.Value.Int64()
	case "raised_at":
		r.raisedAt, ok = milliseconds(m.Value)
	case "custom_after":
		r.customAfter, ok = milliseconds(m.Value)
	case "undated_refused":
		r.undatedRefused, ok = true, string(m.Value) == "true"
	case "profile_from":
		r.profileFrom, ok = milliseconds(m.Value)
	case "heir":
		r.heir, ok = m.Value.Text()
	default:
		ok = true
		if r.session == "" {
			r.unknown = append(r.unknown, unknownMember{string(m.Name), string(m.Value)})
		}
	}
	return ok
}

func (r *stateReader) readEnded(v strictjson.Value) (ok bool) {
	members, err := strictjson.Object(v, nil)
	if err != nil {
		return false
	}
	for _, m := range members {
		seconds, ok := m.Value.Int64()
		switch {
		case !ok:
			return false
		case r.session == "":
			r.ended = append(r.ended, endedSession{string(m.Name), time.Unix(seconds, 0).UTC()})
		case r.session == string(m.Name):
			r.over = true
		}
	}
	return true
}

// text returns the State in one spelling, and nothing for the zero state.
func (s *state) text() (string, error) {
	w := stateWriter{'{'}
	w.member("v", stateVersion)
	w.integer("code", s.codeEpoch)
	if len(s.ended) > 0 {
		w.member("ended", endedText(s.ended))
	}
	if s.keptSession != "" {
		w.member("kept_sid", string(strictjson.AppendString(nil, s.keptSession)))
	}
	w.integer("kept_epoch", s.keptEpoch)
	w.integer("raised_epoch", s.raisedEpoch)
	w.time("raised_at", s.raisedAt)
	w.time("custom_after", s.customAfter)
	if s.undatedRefused {
		w.member("undated_refused", "true")
	}
	w.time("profile_from", s.profileFrom)
	if s.heir != "" {
		w.member("heir", string(strictjson.AppendString(nil, s.heir)))
	}
	for _, m := range s.unknown {
		w.member(m.name, m.value)
	}
	text := string(append(w, '}'))
	switch {
	case text == `{"v":`+stateVersion+`}`:
		return "", nil
	case len(text) > maxStateBytes:
		return "", fmt.Errorf("the State would have %d bytes; %d are allowed", len(text), maxStateBytes)
	}
	return text, nil
}

func endedText(sessions []endedSession) string {
	w := stateWriter{'{'}
	for _, e := range sessions {
		w.member(e.id, strconv.FormatInt(e.until.Unix(), 10))
	}
	return string(append(w, '}'))
}

// A stateWriter appends the members of an object. It leaves out what is zero.
type stateWriter []byte

func (w *stateWriter) member(name, value string) {
	if len(*w) > 1 {
		*w = append(*w, ',')
	}
	*w = append(append(strictjson.AppendString(*w, name), ':'), value...)
}

func (w *stateWriter) integer(name string, value int64) {
	if value != 0 {
		w.member(name, strconv.FormatInt(value, 10))
	}
}

func (w *stateWriter) time(name string, t time.Time) {
	if !t.IsZero() {
		w.member(name, strconv.FormatInt(t.UnixMilli(), 10))
	}
}

func milliseconds(v strictjson.Value) (time.Time, bool) {
	n, ok := v.Int64()
	return time.UnixMilli(n).UTC(), ok
}

// end notes that a session has ended. until is when its last token expires. It reports
// false where there is no room for one more.
func (s *state) end(session string, until, now time.Time) (ok bool) {
	s.prune(now)
	if s.hasEnded(session) {
		return true
	}
	if len(s.ended) >= maxEndedSessions {
		return false
	}
	s.ended = append(s.ended, endedSession{session, until.UTC().Truncate(time.Second)})
	slices.SortFunc(s.ended, func(a, b endedSession) int { return strings.Compare(a.id, b.id) })
	return true
}

func (s *state) hasEnded(session string) bool {
	return slices.ContainsFunc(s.ended, func(e endedSession) bool { return e.id == session })
}

// prune forgets the sessions whose last token has expired, the oldest first, and keeps a
// few.
func (s *state) prune(now time.Time) {
	for len(s.ended) > keptEndedSessions {
		oldest := 0
		for i, e := range s.ended {
			if e.until.Before(s.ended[oldest].until) {
				oldest = i
			}
		}
		if !s.ended[oldest].until.Before(now) {
			return
		}
		s.ended = slices.Delete(s.ended, oldest, oldest+1)
	}
}

// raise notes that SessionEpoch was raised, which ends every session but the one to keep,
// if there is one.
func (s *state) raise(epoch int64, at time.Time, keep string) {
	s.ended = nil
	s.raisedEpoch, s.raisedAt = epoch, at
	s.keptSession, s.keptEpoch = keep, 0
	if keep != "" {
		s.keptEpoch = epoch
	}
}

// equals reports whether two states say the same.
func (s *state) equals(other *state) bool {
	return s.codeEpoch == other.codeEpoch && slices.EqualFunc(s.ended, other.ended, endedSession.equals) &&
		s.keptSession == other.keptSession && s.keptEpoch == other.keptEpoch &&
		s.raisedEpoch == other.raisedEpoch && s.raisedAt.Equal(other.raisedAt) &&
		s.customAfter.Equal(other.customAfter) && s.undatedRefused == other.undatedRefused &&
		s.profileFrom.Equal(other.profileFrom) && s.heir == other.heir && slices.Equal(s.unknown, other.unknown)
}
