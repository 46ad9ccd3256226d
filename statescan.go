package deskauth

import (
	"strconv"
	"strings"
	"time"
)

// scan reads a State in the spelling of [state.text] alone. It is for Verify and for page
// loads, which are so many that reading JSON would show. It reports false for every other
// spelling, with members that are unknown too, and leaves those to readAll.
func (r *stateReader) scan(text string) (ok bool) {
	s := stateScanner{rest: text}
	s.must(`{"v":` + stateVersion)
	if s.skip(`,"code":`) {
		r.codeEpoch = s.integer()
	}
	if s.skip(`,"ended":{`) {
		last := ""
		for more := true; more; more = s.skip(",") {
			id := s.text()
			s.failed = s.failed || id <= last // sorted, so none is there twice
			s.must(":")
			until := s.integer()
			if r.session == "" {
				r.ended = append(r.ended, endedSession{id, time.Unix(until, 0).UTC()})
			}
			r.over = r.over || id == r.session
			last = id
		}
		s.must("}")
	}
	if s.skip(`,"kept_sid":`) {
		if id := s.text(); r.session == "" || id == r.session {
			r.keptSession = id
		}
	}
	if s.skip(`,"kept_epoch":`) {
		r.keptEpoch = s.integer()
	}
	if s.skip(`,"raised_epoch":`) {
		r.raisedEpoch = s.integer()
	}
	if s.skip(`,"raised_at":`) {
		r.raisedAt = time.UnixMilli(s.integer()).UTC()
	}
	if s.skip(`,"custom_after":`) {
		r.customAfter = time.UnixMilli(s.integer()).UTC()
	}
	r.undatedRefused = s.skip(`,"undated_refused":true`)
	if s.skip(`,"profile_from":`) {
		r.profileFrom = time.UnixMilli(s.integer()).UTC()
	}
	if s.skip(`,"heir":`) {
		r.heir = s.text()
	}
	return !s.failed && s.rest == "}"
}

// A stateScanner takes pieces off the front of a text until one is not there.
type stateScanner struct {
	rest   string
	failed bool
}

func (s *stateScanner) skip(piece string) (found bool) {
	rest, found := strings.CutPrefix(s.rest, piece)
	s.rest = rest
	return found
}

func (s *stateScanner) must(piece string) {
	if !s.skip(piece) {
		s.failed = true
	}
}

// text takes a string of printable ASCII without escapes.
func (s *stateScanner) text() string {
	s.must(`"`)
	text, rest, found := strings.Cut(s.rest, `"`)
	s.failed = s.failed || !found
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' || text[i] == '\\' {
			s.failed = true
		}
	}
	s.rest = rest
	return text
}

func (s *stateScanner) integer() int64 {
	end := 0
	for end < len(s.rest) && (s.rest[end] == '-' || '0' <= s.rest[end] && s.rest[end] <= '9') {
		end++
	}
	n, err := strconv.ParseInt(s.rest[:end], 10, 64)
	if err != nil || end > 1 && s.rest[0] == '0' || end > 2 && s.rest[:2] == "-0" {
		s.failed = true
	}
	s.rest = s.rest[end:]
	return n
}
