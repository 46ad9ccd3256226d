package main

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// A report gathers what the tests say of each mutant. Only add is safe for concurrent use.
type report struct {
	mu        sync.Mutex
	count     map[outcome]int
	survivors []survivor
}

type survivor struct {
	mutant
	change
}

func (r *report) add(m mutant, src []byte, said outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count[said]++
	if said == survived {
		r.survivors = append(r.survivors, survivor{m, m.change(src)})
	}
}

// efficacy returns the percentage of changes that the tests notice. Changes that do not
// compile and those that are equal say nothing about the tests and do not count.
func (r *report) efficacy(equal map[change]string) float64 {
	noticed := r.count[killed] + r.count[hung]
	all := noticed + len(r.survivors) - r.equal(equal)
	if all == 0 {
		return 100
	}
	return 100 * float64(noticed) / float64(all)
}

// equal returns how many survivors the list of equal changes names.
func (r *report) equal(equal map[change]string) int {
	n := 0
	for _, s := range r.survivors {
		if equal[s.change] != "" {
			n++
		}
	}
	return n
}

// text returns a line about the target, and then each survivor.
func (r *report) text(target string, equal map[change]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %.1f %% of the changes are noticed ", target, r.efficacy(equal))
	fmt.Fprintf(&b, "(%d killed, %d hung, %d survived; %d equal, %d do not compile)\n",
		r.count[killed], r.count[hung], len(r.survivors)-r.equal(equal), r.equal(equal), r.count[unbuilt])
	slices.SortFunc(r.survivors, func(a, b survivor) int {
		return cmp.Or(strings.Compare(a.mutant.file, b.mutant.file), a.from-b.from)
	})
	for _, s := range r.survivors {
		fmt.Fprintf(&b, "%s\n\t  %s\n\t- %s\n\t+ %s\n\t%s\n",
			s.mutant, s.above, s.before, s.after, cmp.Or(equal[s.change], "SURVIVED"))
	}
	return b.String()
}

// verdict returns an error if too few changes are noticed. It also does for an equal change
// in one of the files that a test notices after all, or that is not possible now.
func (r *report) verdict(target string, files []string, o *options) error {
	var wrong []error
	if got := r.efficacy(o.equal); got < o.least {
		wrong = append(wrong, fmt.Errorf("%s: the tests notice %.1f %% of the changes; %g %% are required",
			target, got, o.least))
	}
	left := map[change]bool{}
	for _, s := range r.survivors {
		left[s.change] = true
	}
	for c := range o.equal {
		if o.match.String() == "" && slices.Contains(files, filepath.FromSlash(c.file)) && !left[c] {
			wrong = append(wrong, fmt.Errorf("%s: remove a change of kind %s from the list, it does not survive:"+
				"\n  %s\n- %s\n+ %s", c.file, c.kind, c.above, c.before, c.after))
		}
	}
	return errors.Join(wrong...)
}
