package openapi_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// An exchange is a request and its answer in a golden file of httpadapter. Its tests hold
// the files to the handlers, byte for byte.
type exchange struct {
	name        string // "file: story"
	method      string
	path        string // where the document has the handlers
	header      http.Header
	requestBody string
	status      int
	answer      http.Header
	body        string
}

func (e exchange) request() *http.Request {
	r := httptest.NewRequest(e.method, "https://example.com"+e.path, strings.NewReader(e.requestBody))
	r.Header = e.header.Clone()
	if e.requestBody == "" { // which may have any type
		r.Header.Del("Content-Type")
	}
	return r
}

func (e exchange) response() *http.Response {
	return &http.Response{
		StatusCode: e.status,
		Header:     e.answer.Clone(),
		Body:       io.NopCloser(strings.NewReader(e.body)),
		Request:    e.request(),
	}
}

// goldens reads every golden file.
func goldens(t *testing.T) (all []exchange) {
	t.Helper()
	files, err := filepath.Glob("../../httpadapter/testdata/golden/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split("\n"+string(text), "\n# ")[1:] {
			e := parse(t, part)
			e.name = filepath.Base(file) + ": " + e.name
			if e.path != "/me" { // a handler of the tests'
				e.path = mounted(e.path)
				all = append(all, e)
			}
		}
	}
	if len(all) < 500 {
		t.Fatalf("there are %d exchanges in %d files: the test does not find them", len(all), len(files))
	}
	return all
}

func parse(t *testing.T, part string) (e exchange) {
	t.Helper()
	name, rest, _ := strings.Cut(part, "\n")
	asked, answered, ok := strings.Cut(rest, "\nHTTP/1.1 ")
	if !ok {
		t.Fatalf("%s has no answer", name)
	}
	asked, body, _ := strings.Cut(asked, "\n> \n> ")
	lines := strings.Split(asked, "\n> ")
	e = exchange{name: name, requestBody: restore(body), header: http.Header{}}
	e.method, e.path, _ = strings.Cut(strings.TrimPrefix(lines[0], "> "), " ")
	for _, line := range lines[1:] {
		if field, value, ok := strings.Cut(line, ": "); ok && !strings.HasPrefix(line, "$") {
			e.header.Add(field, restore(value))
		}
	}
	response, err := http.ReadResponse(bufio.NewReader(strings.NewReader("HTTP/1.1 "+answered)), nil)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	said, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	e.status, e.answer = response.StatusCode, response.Header
	said, _, _ = bytes.Cut(said, []byte("\n")) // behind it stand tokens and mails
	e.body = restore(string(said))
	return e
}

var (
	manyX     = regexp.MustCompile(`x\{(\d+)\}`)
	keptName  = regexp.MustCompile(`\$\{?\w+\}?`)
	keptToken = regexp.MustCompile(`"\$[a-z]+"([,}])`) // in JSON, and not a field's name
)

const token = "JWT e30.e30.c2ln"

// restore puts something of the right form where a golden file has a name, or a length.
func restore(text string) string {
	if quoted, ok := strings.CutPrefix(text, "bytes "); ok {
		if raw, err := strconv.Unquote(quoted); err == nil {
			return raw
		}
	}
	text = strings.NewReplacer(
		"JWT <token>", token,
		"guest#<uuid's first 4>", "guest#8d5e",
		"<uuid>", "8d5e1f44-3f6d-4d7e-8a1c-2d8c7ad1f0e2",
	).Replace(text)
	text = manyX.ReplaceAllStringFunc(text, func(run string) string {
		n, _ := strconv.Atoi(manyX.FindStringSubmatch(run)[1])
		return strings.Repeat("x", n)
	})
	if keptName.FindString(text) == text && text != "" {
		return token
	}
	return keptToken.ReplaceAllString(text, `"`+token+`"$1`)
}

// mounted returns where a path of the stories is in the document. A code that is empty or
// has slashes stands for any that is not good.
func mounted(path string) string {
	path = keptName.ReplaceAllString(path, "x")
	if path == "/users" || path == "/users/" {
		return "/v1/users"
	}
	if strings.HasPrefix(path, "/users/") {
		return "/v1" + path
	}
	for _, takesCode := range []string{"/checkpswresetkey/", "/resetpsw/", "/changeemail/", "/verifyemail/"} {
		if strings.HasPrefix(path, takesCode) {
			if takesCode == "/verifyemail/" {
				takesCode += "1/"
			}
			return "/v1/auth" + takesCode + "x"
		}
	}
	return "/v1/auth" + path
}
