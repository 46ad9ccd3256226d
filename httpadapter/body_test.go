package httpadapter_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/internal/testkit"
)

const (
	limit    = 64 << 10
	tooLarge = "The request body is over 65536 bytes."
)

// sized is a good sign-up in a body of so many bytes.
func sized(bytes int) string {
	b := body("email", `"sized@example.com"`, "padding", `""`)
	return strings.Replace(b, `"padding":""`, `"padding":"`+strings.Repeat("x", bytes-len(b))+`"`, 1)
}

func TestS25_LimitByBytesRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		bytes  int
		length int64 // what Content-Length says
		max    int64
		status int
	}{
		{"at the limit", limit, limit, 0, 200},
		{"over the limit", limit + 1, limit + 1, 0, 413},
		{"over the limit, unknown length", limit + 1, -1, 0, 413},
		{"over the limit, length says 0", limit + 1, 0, 0, 413},
		{"over the limit, length says little", 2 * limit, 10, 0, 413},
		{"at the limit, length says much", limit, 1 << 40, 0, 200},
		{"negative limit is the default", limit + 1, limit + 1, -1, 413},
		{"a limit of 500, at it", 500, 500, 500, 200},
		{"a limit of 500, over it", 501, 501, 500, 413},
		{"a limit of 128 KiB", 2 * limit, -1, 2 * limit, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, setup{http: httpadapter.Config{MaxBodyBytes: c.max}})
			r := httptest.NewRequest(http.MethodPost, "/signup", strings.NewReader(sized(c.bytes)))
			r.Header.Set("Content-Type", "application/json")
			r.ContentLength = c.length
			if got := serve(s, r); got.status != c.status {
				t.Errorf("got %v, want %d", got, c.status)
			}
		})
	}
}

// An endless body counts what is read of it.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return copy(p, bytes.Repeat([]byte("x"), len(p))), nil
}

func (e *endless) Close() error { return nil }

func TestS25_EndlessBody(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	for _, path := range endpoints {
		e := new(endless)
		r := httptest.NewRequest(http.MethodPost, path, e)
		r.Header.Set("Content-Type", "application/json")
		refused(t, serve(s, r), http.StatusRequestEntityTooLarge, tooLarge)
		if e.read > 4*limit {
			t.Errorf("%s read %d bytes of a body that is refused after %d", path, e.read, limit)
		}
	}
}

// These bodies are such as only a connection can send.
func TestS25_OverTheWire(t *testing.T) {
	t.Parallel()
	small, large := sized(300), sized(limit+1)
	post := "POST /signup HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
	chunked := func(b string) string {
		return post + "Transfer-Encoding: chunked\r\n\r\n" + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(b), b)
	}
	withLength := func(n int, b string) string {
		return post + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", n, b)
	}
	for _, c := range []struct {
		name, raw string
		status    int
		cutOff    bool // the client ends where the server waits for more
	}{
		{"chunked", chunked(small), 200, false},
		{"chunked over the limit", chunked(large), 413, false},
		{"Content-Length over the limit", withLength(len(large), large), 413, false},
		{"Content-Length says less than there is", withLength(20, small), 400, false},
		{"Content-Length says more than there is", withLength(len(small)+1, small), 400, true},
		{"Content-Length says 0", withLength(0, small), 422, false},
		{"no Content-Length", post + "\r\n" + small, 422, false},
		{"a chunk that ends early", post + "Transfer-Encoding: chunked\r\n\r\nfff\r\n" + small, 400, true},
		{"a chunk without a length", post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n" + small, 400, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(start(t, setup{}))
			defer server.Close()
			conn, err := net.Dial("tcp", server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			go func() { // the server may answer and close before it has read all
				io.WriteString(conn, c.raw)
				if c.cutOff {
					conn.(*net.TCPConn).CloseWrite()
				}
			}()
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			text, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			got := answer{response.StatusCode, response.Header, string(text)}
			checkJSON(t, got)
			if got.status != c.status {
				t.Errorf("got %v, want %d", got, c.status)
			}
		})
	}
}

type failingBody struct{ err error }

func (f failingBody) Read([]byte) (int, error) { return 0, f.err }
func (f failingBody) Close() error             { return nil }

func TestBodyThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	for _, path := range endpoints {
		r := httptest.NewRequest(http.MethodPost, path, failingBody{errors.New("read tcp 10.0.0.1:443: i/o timeout")})
		r.Header.Set("Content-Type", "application/json")
		refused(t, serve(s, r), http.StatusBadRequest, "The request body could not be read.")
	}
}

func TestS25_Gzip(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	io.WriteString(w, body())
	w.Close()
	const msg = "The request body must not be compressed: leave out Content-Encoding."
	for _, encoding := range []string{
		"gzip", "GZIP", "x-gzip", "deflate", "br", "zstd", "gzip, identity", "identity, gzip", "unknown",
	} {
		for _, b := range []string{zipped.String(), body()} {
			got := ask(s, http.MethodPost, "/signup", b, isJSON, "Content-Encoding: "+encoding)
			refused(t, got, http.StatusUnsupportedMediaType, msg)
		}
	}
	got := ask(s, http.MethodPost, "/signup", body(), isJSON, "Content-Encoding: identity")
	if got.status != http.StatusOK {
		t.Errorf("identity: %v", got)
	}
}

func TestContentTypes(t *testing.T) {
	t.Parallel()
	for contentType, ok := range map[string]bool{
		"application/json":                                 true,
		"application/json; charset=utf-8":                  true,
		"application/json;charset=UTF-8":                   true,
		`application/json; charset="utf-8"; profile="a;b"`: true,
		"Application/JSON":                                 true,
		" application/json ":                               true,
		"":                                                 false,
		"text/plain":                                       false,
		"text/json":                                        false,
		"application/x-www-form-urlencoded":                false,
		"multipart/form-data; boundary=x":                  false,
		"application/jsonp":                                false,
		"application/json+x":                               false,
		"application/problem+json":                         false,
		"text/plain; application/json":                     false,
		"text/plain; x=application/json":                   false,
		"application/json, text/plain":                     false,
		"json":                                             false,
		"*/*":                                              false,
	} {
		t.Run(contentType, func(t *testing.T) {
			t.Parallel()
			s := start(t, setup{})
			session := s.custom("JWT " + testkit.TokenA(`"1"`)).token(t)
			headers := []string{"Content-Type: " + contentType, "Authorization: " + session}
			if contentType == "" {
				headers = headers[1:]
			}
			for path, b := range map[string]string{
				"/signup": body(), "/signinAnonymously": asGuest, "/signinWithCustomToken": `{}`,
			} {
				got := ask(s, http.MethodPost, path, b, headers...)
				if ok && got.status != http.StatusOK {
					t.Errorf("%s: got %v, want 200", path, got)
				}
				if !ok {
					const msg = "The request body must be application/json: set Content-Type."
					refused(t, got, http.StatusUnsupportedMediaType, msg)
				}
			}
			// Without a body its type does not matter.
			if got := ask(s, http.MethodPost, "/signinWithCustomToken", "", headers...); got.status != http.StatusOK {
				t.Errorf("no body: got %v, want 200", got)
			}
			if got := ask(s, http.MethodPost, "/signin", "", headers...); got.status != http.StatusUnprocessableEntity {
				t.Errorf("no body to /signin: got %v, want 422", got)
			}
		})
	}
}

// What has everything in its path takes a good code beside any body, and reads none of it.
func TestBodiesThatAreIgnored(t *testing.T) {
	t.Parallel()
	for _, e := range everywhere {
		_, takesCode := codeMails[strings.Split(e.endpoint[strings.Index(e.endpoint, "/"):], "/$")[0]]
		if !takesCode || e.body != "" {
			continue
		}
		for name, b := range map[string]struct {
			reader  io.Reader
			headers []string
		}{
			"none":           {http.NoBody, nil},
			"an object":      {strings.NewReader(`{"email":"other@example.com"}`), []string{isJSON}},
			"an array":       {strings.NewReader(`[]`), []string{isJSON}},
			"not JSON":       {strings.NewReader(`{`), []string{isJSON}},
			"a form":         {strings.NewReader("a=b"), []string{"Content-Type: application/x-www-form-urlencoded"}},
			"text":           {strings.NewReader("text"), []string{"Content-Type: text/plain"}},
			"no type":        {strings.NewReader("text"), nil},
			"compressed":     {strings.NewReader("text"), []string{isJSON, "Content-Encoding: gzip"}},
			"endless":        {new(endless), []string{isJSON}},
			"cannot be read": {failingBody{errors.New("i/o timeout")}, []string{isJSON}},
		} {
			t.Run(e.endpoint+"/"+name, func(t *testing.T) {
				t.Parallel()
				st := newMailStory(t, deskauth.Config{})
				st.prepare(e.endpoint)
				method, path, _ := strings.Cut(e.endpoint, " ")
				path = strings.NewReplacer("$id", st.tokens["id"], "$code", st.tokens["code"]).Replace(path)
				r := httptest.NewRequest(method, path, b.reader)
				for _, text := range b.headers {
					name, value, _ := strings.Cut(text, ": ")
					r.Header.Add(name, value)
				}
				if got := serve(st.s, r); got.status != http.StatusOK {
					t.Errorf("got %v, want 200", got)
				}
				if e, ok := b.reader.(*endless); ok && e.read > 0 {
					t.Errorf("%d bytes of the body were read", e.read)
				}
			})
		}
	}
}
