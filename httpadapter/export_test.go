package httpadapter

import (
	"maps"
	"net/http"
	"slices"
)

// What the tests of package httpadapter_test may see of the inside.

// A Refusal is a row of the table of errors, with the member that has its text.
type Refusal struct {
	Err          error
	Status       int
	Code         string
	Member, Text string // both empty: the text is the error's own
}

// Refusals returns the table of errors, and what any other error gets.
func Refusals() (rows []Refusal) {
	for _, r := range append(refusals, find(http.ErrAbortHandler)) {
		row := Refusal{Err: r.err, Status: r.status, Code: r.body.Code}
		for member, text := range map[string]string{"msg": r.body.Msg, "message": r.body.Message, "error": r.body.Error} {
			if text != "" {
				row.Member, row.Text = member, text
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// Routes returns each "METHOD path" of the two handlers, where the document is written for,
// and whether it needs a Mailer. What a path goes on with is left out, also in
// /verifyemail/{userid}/{code}.
func Routes() map[string]bool {
	all := map[string]bool{"GET " + written.Auth + openAPIPath: false}
	add := func(mount string, routes map[string]route, mail bool) {
		for _, path := range slices.Sorted(maps.Keys(routes)) {
			for _, e := range routes[path] {
				if path == "/" { // of NewUsers, which has "" too
					continue
				}
				all[e.method+" "+mount+path] = mail
			}
		}
	}
	add(written.Auth, routes, false)
	add(written.Auth, mailRoutes, true)
	add(written.Users, usersRoutes, false)
	add(written.Users, mailUsersRoutes, true)
	return all
}

// WriteError answers a request with an error.
func WriteError(w http.ResponseWriter, r *http.Request, err error) { writeError(w, r, err) }
