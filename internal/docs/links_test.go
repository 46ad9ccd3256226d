package docs_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

var (
	codeSpan = regexp.MustCompile("`[^`]*`")
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading  = regexp.MustCompile(`^#{1,6} (.+)$`)
)

// links returns the targets of a page's links that lead to files of the repository, from
// its root, by line.
func (p page) links() (targets map[string]int) {
	targets = make(map[string]int)
	for _, l := range p.prose {
		text := codeSpan.ReplaceAllString(l.text, "code")
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target := m[1]
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			file, anchor, _ := strings.Cut(target, "#")
			if file == "" {
				file = path.Base(p.path)
			}
			targets[path.Join(path.Dir(p.path), file)+"#"+anchor] = l.number
		}
	}
	return targets
}

// anchors returns what links to the page's headings end with, by GitHub's rule.
func (p page) anchors() map[string]bool {
	anchors := make(map[string]bool)
	for _, l := range p.prose {
		m := heading.FindStringSubmatch(l.text)
		if m == nil {
			continue
		}
		anchors[strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, m[1])] = true
	}
	return anchors
}

func TestLinks(t *testing.T) {
	t.Parallel()
	all := pages(t)
	anchors := make(map[string]map[string]bool)
	for _, p := range all {
		anchors[p.path] = p.anchors()
	}
	checked := 0
	for _, p := range all {
		for _, l := range p.prose {
			if strings.Contains(l.text, "```") {
				t.Errorf("%s:%d: a fence does not start the line: the tests do not see its code", p.path, l.number)
			}
		}
		for target, number := range p.links() {
			checked++
			file, anchor, _ := strings.Cut(target, "#")
			_, err := os.Stat(filepath.Join(root, filepath.FromSlash(file)))
			switch {
			case err != nil:
				t.Errorf("%s:%d links to %s, which is not there", p.path, number, file)
			case anchor != "" && !anchors[file][anchor]:
				t.Errorf("%s:%d links to %s, which has no heading #%s", p.path, number, file, anchor)
			}
		}
	}
	if checked < 50 {
		t.Errorf("%d links are checked: the test does not find them", checked)
	}
}

// TestIndex sees to it that a reader who starts at docs/README.md can reach every page.
func TestIndex(t *testing.T) {
	t.Parallel()
	all := pages(t)
	for _, index := range all {
		if path.Base(index.path) != "README.md" || !strings.HasPrefix(index.path, "docs/") {
			continue
		}
		links := index.links()
		for _, p := range all {
			if path.Dir(p.path) != path.Dir(index.path) || p.path == index.path {
				continue
			}
			if _, ok := links[p.path+"#"]; !ok {
				t.Errorf("%s does not link to %s", index.path, p.path)
			}
		}
	}
}
