package main

import (
	"net/http"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/deskauth/deskauth/httpadapter"
)

// So much fits into the memory of a server that anybody can write to.
const (
	maxLineCharacters = 280
	maxLines          = 50    // of an account; then the oldest goes
	maxWriters        = 1_000 // accounts; then all lines of one of them go
)

// A lineStore has what people write, under the ID of their account. It stands for the data
// of a host. A guest who signs up keeps its ID, so its lines need not be moved.
type lineStore struct {
	mu   sync.Mutex
	byID map[string][]string // each with the newest last
}

func newLines() *lineStore { return &lineStore{byID: make(map[string][]string)} }

// add keeps a line and returns all lines of the account.
func (l *lineStore) add(userID, line string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id := range l.byID {
		if l.byID[userID] != nil || len(l.byID) < maxWriters {
			break
		}
		delete(l.byID, id)
	}
	own := l.byID[userID]
	own = append(own[max(0, len(own)-maxLines+1):len(own):len(own)], line) // a copy: of returns the one before
	l.byID[userID] = own
	return own
}

func (l *lineStore) of(userID string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.byID[userID]
}

// ServeHTTP answers with the lines of the request's account, after it has added the one
// that a POST brings. It stands behind httpadapter.Authenticate: whose lines they are, the
// token says, and nothing else.
func (l *lineStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := httpadapter.MustIdentity(r.Context())
	if r.Method != http.MethodPost {
		answerLines(w, l.of(id.UserID))
		return
	}
	var asked struct{ Line string }
	if !readJSON(w, r, &asked) {
		return
	}
	line := strings.TrimSpace(asked.Line)
	if !isText(line, maxLineCharacters) {
		refuse(w, http.StatusUnprocessableEntity, "invalid_input", "Write a line of 1 to 280 characters.")
		return
	}
	answerLines(w, l.add(id.UserID, line))
}

func answerLines(w http.ResponseWriter, own []string) {
	answerJSON(w, http.StatusOK, map[string][]string{"lines": append([]string{}, own...)})
}

// isText reports whether a text has 1 to limit characters, and none that controls anything.
func isText(text string, limit int) bool {
	return text != "" && utf8.RuneCountInString(text) <= limit && !strings.ContainsFunc(text, unicode.IsControl)
}
