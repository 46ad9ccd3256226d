// Package docs_test holds the Markdown of the repository to its code: fragments compile,
// links lead somewhere, and the promises in docs/security.md have their tests.
//
// The tests stand in this module and not in examples/, because go test watches only the
// files of a test's own module: a cached result would hide a change of a page outside of
// it.
package docs_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// root is the directory of the repository.
const root = "../.."

// A page is a Markdown file of the repository.
type page struct {
	path   string // from the root of the repository, with slashes
	prose  []line // what stands outside of fenced code
	blocks []block
}

type line struct {
	number int
	text   string
}

// A block is fenced code.
type block struct {
	page, language string
	from           string // the file that a comment before the block says it is from
	number         int    // of its first line
	text           string
}

var fromComment = regexp.MustCompile(`^<!-- from (\S+) -->$`)

// pages reads every Markdown file of the repository.
func pages(t *testing.T) []page {
	t.Helper()
	var all []page
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != root && notOurs(d.Name()):
			return filepath.SkipDir
		case d.IsDir() || path.Ext(d.Name()) != ".md":
			return nil
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, file)
		all = append(all, readPage(filepath.ToSlash(name), string(text)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 20 {
		t.Fatalf("there are %d Markdown files: the test looks in the wrong place", len(all))
	}
	return all
}

// notOurs reports whether a folder's pages are not the repository's.
func notOurs(folder string) bool {
	return strings.HasPrefix(folder, ".") || folder == "testdata" || folder == "node_modules"
}

func readPage(name, text string) page {
	p := page{path: name}
	var open *block
	from := ""
	for i, l := range strings.Split(text, "\n") {
		fence, isFence := strings.CutPrefix(l, "```")
		switch {
		case isFence && open == nil:
			open = &block{page: name, language: fence, from: from, number: i + 2}
		case isFence:
			p.blocks = append(p.blocks, *open)
			open = nil
		case open != nil:
			open.text += l + "\n"
		default:
			p.prose = append(p.prose, line{i + 1, l})
		}
		from = ""
		if comment := fromComment.FindStringSubmatch(l); comment != nil {
			from = comment[1]
		}
	}
	return p
}
