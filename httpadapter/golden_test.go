package httpadapter_test

import (
	"encoding/base64"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/deskauth/deskauth/internal/testkit"
)

var update = flag.Bool("update", false,
	"rewrite testdata/golden with what the code answers; review each line against the wire format")

// A story is a golden file: requests to one service, one after the other, with the answers
// to the byte.
type story struct {
	t      *testing.T
	s      *service
	text   strings.Builder
	tokens map[string]string // by the name that request lines use
}

// A request is sent as it stands. In its path and headers $name is the token or code that
// is kept under that name, and so is "$name" in its body and claims.
type request struct {
	method string // the default is POST
	path   string
	header []string // the default is that of a JSON body
	body   string
	claims string // of a custom token for the Authorization header
	keep   string // the name to keep the answer's token under
	on     http.Handler
}

func newStory(t *testing.T, s *service) *story {
	return &story{t: t, s: s, tokens: make(map[string]string)}
}

// tell sends a request and writes down both the request and the answer.
func (st *story) tell(name string, q request) answer {
	st.t.Helper()
	if q.method == "" {
		q.method = http.MethodPost
	}
	if q.header == nil && q.body != "" {
		q.header = []string{isJSON}
	}
	if q.on == nil {
		q.on = st.s
	}
	if q.claims != "" {
		st.tokens["custom"] = "JWT " + testkit.ForgeA(st.fill(q.claims))
		q.header = append(q.header, "Authorization: $custom")
	}
	fmt.Fprintf(&st.text, "# %s\n> %s %s\n", name, q.method, q.path)
	var headers []string
	for _, h := range q.header {
		fmt.Fprintf(&st.text, "> %s\n", short(h))
		headers = append(headers, os.Expand(h, func(name string) string { return st.tokens[name] }))
	}
	if q.claims != "" {
		shown := q.claims
		if !utf8.ValidString(shown) {
			shown = strconv.Quote(shown)
		}
		fmt.Fprintf(&st.text, "> $custom is %s\n", shown)
	}
	if q.body != "" {
		fmt.Fprintf(&st.text, "> \n> %s\n", short(q.body))
	}
	path := os.Expand(q.path, func(name string) string { return st.tokens[name] })
	got := ask(q.on, q.method, path, st.fill(q.body), headers...)
	fmt.Fprintf(&st.text, "HTTP/1.1 %d %s\n", got.status, http.StatusText(got.status))
	for _, h := range slices.Sorted(maps.Keys(got.header)) {
		for _, value := range got.header[h] {
			fmt.Fprintf(&st.text, "%s: %s\n", h, value)
		}
	}
	fmt.Fprintf(&st.text, "\n%s\n", mask(got.body))
	st.tellToken(got, q.keep)
	st.text.WriteString("\n")
	checkJSON(st.t, got)
	return got
}

// fill puts tokens into JSON.
func (st *story) fill(text string) string {
	for name, token := range st.tokens {
		text = strings.ReplaceAll(text, `"$`+name+`"`, `"`+token+`"`)
	}
	return text
}

// tellToken writes down what is in the answer's token, and checks what is masked.
func (st *story) tellToken(got answer, keep string) {
	st.t.Helper()
	checkGuest(st.t, got.body)
	if !strings.Contains(got.body, `"token"`) {
		return
	}
	token := got.token(st.t)
	for _, name := range slices.Sorted(maps.Keys(st.tokens)) {
		if st.tokens[name] == token {
			fmt.Fprintf(&st.text, "token is $%s\n", name)
			return
		}
	}
	if keep != "" {
		st.tokens[keep] = token
	}
	part := strings.Split(strings.TrimPrefix(token, "JWT "), ".")
	if len(part) != 3 || !strings.HasPrefix(token, "JWT ") {
		st.t.Fatalf("the token is not a compact JWS behind the scheme JWT: %q", token)
	}
	header, err := base64.RawURLEncoding.Strict().DecodeString(part[0])
	if err != nil {
		st.t.Fatal(err)
	}
	payload, err := base64.RawURLEncoding.Strict().DecodeString(part[1])
	if err != nil {
		st.t.Fatal(err)
	}
	if !jtiForm.Match(payload) {
		st.t.Errorf("jti is not a UUID in %s", payload)
	}
	fmt.Fprintf(&st.text, "token is %s\n  %s\n", header, mask(string(payload)))
}

const uuid4 = `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`

var (
	masks = []struct {
		random *regexp.Regexp
		shown  string
	}{
		{regexp.MustCompile(`"JWT [\w-]+\.[\w-]+\.[\w-]+"`), `"JWT <token>"`},
		{regexp.MustCompile(uuid4), `<uuid>`},
		{regexp.MustCompile(`guest#[0-9a-f]{4}"`), `guest#<uuid's first 4>"`},
	}
	jtiForm   = regexp.MustCompile(`"jti":"` + uuid4 + `"`)
	manyX     = regexp.MustCompile(`x{60,}`)
	guestForm = regexp.MustCompile(`"email":"(` + uuid4 + `)@tiledesk\.com","firstname":"([^"]*)"`)
)

func mask(text string) string {
	for _, m := range masks {
		text = m.random.ReplaceAllString(text, m.shown)
	}
	return short(text)
}

// checkGuest checks that a guest's default name is made of its address.
func checkGuest(t *testing.T, body string) {
	t.Helper()
	m := guestForm.FindStringSubmatch(body)
	if m != nil && strings.HasPrefix(m[2], "guest#") && m[2] != "guest#"+m[1][:4] {
		t.Errorf("the guest with the address %s@ is called %s", m[1], m[2])
	}
}

// short counts the x of a text that only has to be long, and quotes bytes that are not
// text.
func short(text string) string {
	if !utf8.ValidString(text) || strings.HasPrefix(text, "\ufeff") {
		return "bytes " + strconv.QuoteToASCII(text)
	}
	return manyX.ReplaceAllStringFunc(text, func(run string) string { return fmt.Sprintf("x{%d}", len(run)) })
}

// end compares the story with its golden file.
func (st *story) end(file string) {
	st.t.Helper()
	file = filepath.Join("testdata", "golden", file)
	got := strings.TrimSuffix(st.text.String(), "\n")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			st.t.Fatal(err)
		}
		return
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		st.t.Fatal(err)
	}
	want := strings.Split(string(raw), "\n# ")
	for i, part := range strings.Split(got, "\n# ") {
		switch {
		case i >= len(want):
			st.t.Errorf("%s has no\n%s", file, part)
		case part != want[i]:
			st.t.Errorf("%s\n got # %s\nwant # %s", file, part, want[i])
		}
	}
	if told := strings.Count(got, "\n# ") + 1; told < len(want) {
		st.t.Errorf("%s has %d answers more than the story", file, len(want)-told)
	}
}
