package httpadapter

import (
	_ "embed"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/deskauth/deskauth/internal/strictjson"
)

// document describes the handlers in OpenAPI 3.1, where [written] says. It is written by
// hand. A path that needs a Mailer, or that sign-up is open, says so in a member that
// starts with x-.
//
//go:embed openapi.json
var document []byte

var written = Mounts{Auth: "/v1/auth", Users: "/v1/users"}

const (
	openAPIPath = "/openapi.json"
	needsMailer = "x-needs-mailer"
	needsSignup = "x-needs-signup"
)

// Mounts says at which paths of the host the handlers are, as clients see them.
type Mounts struct {
	// Auth is the path that the handler of [New] is mounted at, such as "/v1/auth", or "/".
	Auth string
	// Users is that of [NewUsers], such as "/v1/users". It is empty where the host does not
	// mount it; the document then leaves its paths out.
	Users string
}

// check panics on what cannot be a path.
func (m Mounts) check() {
	const forPattern = "Write a path of clients', or leave OpenAPI out where there are several"
	checkPath("Config.OpenAPI.Auth", m.Auth, forPattern)
	if m.Users != "" {
		checkPath("Config.OpenAPI.Users", m.Users, forPattern)
	}
}

// moved returns where a path of the document is on this host, and false for a path that is
// not there.
func (m Mounts) moved(path string) (string, bool) {
	if rest, ok := strings.CutPrefix(path, written.Users); ok {
		return strings.TrimSuffix(m.Users, "/") + rest, m.Users != ""
	}
	return strings.TrimSuffix(m.Auth, "/") + strings.TrimPrefix(path, written.Auth), true
}

// describe returns the document of a host, which lacks some of what a path may need.
func describe(m Mounts, lacks map[string]bool) json.RawMessage {
	return edit(document, func(name string, value strictjson.Value) (string, []byte, bool) {
		if name != "paths" {
			return name, value, true
		}
		return name, edit(value, func(path string, item strictjson.Value) (string, []byte, bool) {
			for need, lacking := range lacks {
				if _, ok := member(item, need); ok && lacking {
					return "", nil, false
				}
			}
			path, mounted := m.moved(path)
			return path, item, mounted
		}), true
	})
}

// edit returns an object with other members, in the order of those before. The function
// returns false for one that is left out.
func edit(object []byte, change func(name string, value strictjson.Value) (string, []byte, bool)) []byte {
	out := []byte{'{'}
	for _, m := range members(object) {
		name, value, keep := change(string(m.Name), m.Value)
		if !keep {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(strictjson.AppendString(out, name), ':')
		out = append(out, value...)
	}
	return append(out, '}')
}

func member(object []byte, name string) (strictjson.Value, bool) {
	for _, m := range members(object) {
		if string(m.Name) == name {
			return m.Value, true
		}
	}
	return nil, false
}

func members(object []byte) []strictjson.Member {
	all, err := strictjson.Object(object, nil)
	if err != nil {
		panic("httpadapter: openapi.json: " + err.Error())
	}
	return all
}

func (a *adapter) openAPI(http.ResponseWriter, *http.Request) (any, error) { return a.document, nil }
