package chart

import (
	"math"
	"testing"
)

func TestThinnedKeepsPeaks(t *testing.T) {
	t.Parallel()
	var l Line
	for n := range 50_000 {
		l.Add(float64(n), float64(n%7))
	}
	l.points[12_345].Y = 1000
	l.points[23_456].Y = -1000
	got := l.thinned()
	least, most := Panel{Lines: []Line{{points: got}}}.extent()
	if len(got) > 2*maxBuckets || least != -1000 || most != 1000 {
		t.Errorf("%d points from %v to %v, want at most %d from -1000 to 1000", len(got), least, most, 2*maxBuckets)
	}
	for i := 1; i < len(got); i++ {
		if got[i].X <= got[i-1].X {
			t.Fatalf("the point at %v comes after that at %v", got[i].X, got[i-1].X)
		}
	}
}

func TestThinnedLeavesShortLines(t *testing.T) {
	t.Parallel()
	var l Line
	for n := range 2 * maxBuckets {
		l.Add(float64(n), 1)
	}
	if got := l.thinned(); len(got) != 2*maxBuckets {
		t.Errorf("%d points, want all %d", len(got), 2*maxBuckets)
	}
}

func TestAddLeavesOutNaN(t *testing.T) {
	t.Parallel()
	var l Line
	l.Add(1, 5)
	l.Add(2, math.NaN())
	l.Add(3, 0)
	if len(l.points) != 2 || l.points[0].X != 1 || l.points[1].X != 3 {
		t.Errorf("got the points %v, want those at 1 and 3", l.points)
	}
}
