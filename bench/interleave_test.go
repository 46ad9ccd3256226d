// Package bench compares deskauth with rivals and floors. Wall times on shared machines
// drift. So the sides of a comparison take turns within one run, and the ratio of their
// medians counts.
package bench

import (
	"slices"
	"sync"
	"testing"
	"time"
)

// A side is one way to do the same work.
type side struct {
	name string
	run  func() error
}

// turn is how often a side runs before it is the next one's turn.
const turn = 64

// interleave lets the sides take turns. It reports the median time of each, as ns/name, and
// the ratio of the first to each other, as x-name.
func interleave(b *testing.B, sides ...side) { interleaveBy(b, turn, sides...) }

// interleaveBy is interleave with turns of another length.
func interleaveBy(b *testing.B, turn int, sides ...side) {
	took := make([][]float64, len(sides))
	for b.Loop() {
		for i, s := range sides {
			start := time.Now()
			for range turn {
				if err := s.run(); err != nil {
					b.Fatalf("%s: %v", s.name, err)
				}
			}
			took[i] = append(took[i], float64(time.Since(start).Nanoseconds())/float64(turn))
		}
	}
	ours := median(took[0])
	for i, s := range sides {
		b.ReportMetric(median(took[i]), "ns/"+s.name)
		if i > 0 {
			b.ReportMetric(ours/median(took[i]), "x-"+s.name)
		}
	}
	b.ReportMetric(0, "ns/op") // not shown: a time of all sides together means nothing
}

// rates lets the sides take turns, each with that many callers at once. It reports the
// median number of calls a second, as calls/s-name.
func rates(b *testing.B, callers int, sides ...side) {
	const each = 25 // calls by each caller in a turn
	took := make([][]float64, len(sides))
	for b.Loop() {
		for i, s := range sides {
			start := time.Now()
			var group sync.WaitGroup
			for range callers {
				group.Go(func() {
					for range each {
						if err := s.run(); err != nil {
							b.Errorf("%s: %v", s.name, err)
						}
					}
				})
			}
			group.Wait()
			took[i] = append(took[i], time.Since(start).Seconds())
		}
	}
	for i, s := range sides {
		b.ReportMetric(float64(callers*each)/median(took[i]), "calls/s-"+s.name)
	}
	b.ReportMetric(0, "ns/op")
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
