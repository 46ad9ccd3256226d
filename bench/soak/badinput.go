package main

import (
	"fmt"
	"strings"
	"time"
)

// badInput returns requests that no endpoint takes. Spoilt tokens are made from the one of
// s.
func badInput(s session) []request {
	post := func(what, path, body string, want ...int) request {
		return request{call: bad, what: what, path: prefix + path, body: body, want: want}
	}
	header := func(what, path, token string) request {
		q := request{call: bad, what: what, path: path, token: token, want: []int{401}}
		if path == "/me" {
			q.method = "GET"
		}
		return q
	}
	method := func(method, path string, want int) request {
		return request{call: bad, what: method + " " + path, method: method, path: path, want: []int{want}}
	}
	parts := strings.Split(s.token, ".")
	all := []request{
		post("cut off", "/signin", `{"email":"agent-1@example.com","password":`, 400),
		post("not an object", "/signup", `["email"]`, 400),
		post("a name twice", "/signin", `{"email":"a@example.com","email":"b@example.com","password":"p"}`, 400),
		post("not UTF-8", "/signinAnonymously", "{\"id_project\":\"\xff\"}", 400),
		post("no body", "/signin", "", 400),
		post("deep", "/signinAnonymously", `{"attributes":`+nested(10_000)+`}`, 400),
		post("100 KB", "/signup", `{"padding":"`+strings.Repeat("x", 100_000)+`"}`, 413),
		post("1 MB", "/signinWithCustomToken", strings.Repeat("x", 1_000_000), 413),
		post("nothing in it", "/signup", `{}`, 422),
		post("wrong types", "/signin", `{"email":1,"password":[]}`, 422),
		post("not an address", "/signup", `{"email":"nobody","password":"`+password+`","firstname":"A","lastname":"B"}`, 422),
		post("short password", "/signup", `{"email":"a@example.com","password":"short","firstname":"A","lastname":"B"}`, 422),
		post("address taken", "/signup",
			`{"email":"AGENT-1@example.com","password":"`+password+`","firstname":"A","lastname":"B"}`, 403, 503),
		post("unknown project", "/signinAnonymously", `{"id_project":"nobody"}`, 404),
		post("text as attributes", "/signinAnonymously", fmt.Sprintf(`{"id_project":%q,"attributes":"{}"}`, projectID), 422),
		post("unknown path", "/nothing", `{}`, 404),
		method("GET", prefix+"/signin", 405),
		method("DELETE", prefix+"/signup", 405),
		method("PUT", prefix+"/signinAnonymously", 405),
		method("POST", "/me", 405),
	}
	form := post("a form", "/signin", "email=agent-1%40example.com&password=p", 415)
	form.contentType = "application/x-www-form-urlencoded"
	all = append(all, form)
	for _, path := range []string{"/me", prefix + "/signinWithCustomToken"} {
		all = append(all,
			header("no token", path, ""),
			header("garbage for a token", path, "JWT garbage"),
			header("Basic", path, "Basic YTpi"),
			header("no signature", path, parts[0]+"."+parts[1]+"."),
			header("another's payload", path, parts[0]+".e30."+parts[2]),
			header("alg none", path, "JWT eyJhbGciOiJub25lIn0."+parts[1]+"."),
			header("30 KB for a token", path, "JWT "+strings.Repeat("a", 30_000)),
			header("a custom token of another secret", path, signCustom(1, "gold", projectID+projectID, time.Hour)),
			header("a custom token that has expired", path, signCustom(1, "gold", projectSecret, -time.Hour)),
		)
	}
	return all
}

// nested returns arrays of JSON inside each other.
func nested(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }
