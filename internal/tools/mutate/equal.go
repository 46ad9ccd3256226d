package main

import (
	"fmt"
	"os"
	"strings"
)

// A change is how the list of equal changes names a mutant. It quotes the line, and the one
// above that is not empty, so that it still fits when they have moved.
type change struct{ file, kind, above, before, after string }

// readEqual reads the list of the changes that no test can notice, because the program
// does the same with them. It returns the reason for each. An entry is
//
//	file: kind
//	  the line above
//	- the line as it is
//	+ the line as the change makes it, or + alone if nothing is left of it
//	The reason, on one or more lines.
//
// An empty line ends it. A line that starts with # is a comment.
func readEqual(path string) (map[change]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	equal := map[change]string{}
	for entry := range strings.SplitSeq(string(text), "\n\n") {
		var lines []string
		for line := range strings.Lines(entry) {
			line = strings.TrimSpace(line)
			if line != "" && line[0] != '#' {
				lines = append(lines, line)
			}
		}
		if len(lines) == 0 {
			continue
		}
		file, kind, ok := strings.Cut(lines[0], ": ")
		if !ok || len(lines) < 5 || lines[2][0] != '-' || lines[3][0] != '+' {
			return nil, fmt.Errorf("%s: the entry that starts with %q is not a line with file and kind, "+
				"the line above, one with -, one with + and a reason", path, lines[0])
		}
		c := change{file, kind, lines[1], strings.TrimSpace(lines[2][1:]), strings.TrimSpace(lines[3][1:])}
		if equal[c] != "" {
			return nil, fmt.Errorf("%s: an entry has a twin; remove one:\n%s", path, strings.Join(lines[:4], "\n"))
		}
		equal[c] = strings.Join(lines[4:], " ")
	}
	return equal, nil
}
