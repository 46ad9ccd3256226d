package chart

import (
	"slices"
	"testing"

	"gonum.org/v1/plot"
)

func labelsOf(ticks []plot.Tick) (labels []string) {
	for _, t := range ticks {
		labels = append(labels, t.Label)
	}
	return labels
}

func TestDecadeTicks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		least, most float64
		want        []string
	}{
		{1, 9.9, []string{"1"}},
		{1, 1000, []string{"1", "10", "100", "1000"}},
		{0.01, 20, []string{"0.01", "0.1", "1", "10"}},
	} {
		if got := labelsOf(decadeTicks(c.least, c.most)); !slices.Equal(got, c.want) {
			t.Errorf("from %v to %v: got %q, want %q", c.least, c.most, got, c.want)
		}
	}
}

func TestRoundTicks(t *testing.T) {
	t.Parallel()
	for most, want := range map[float64][]string{
		1:   {"0", "0.2", "0.4", "0.6", "0.8", "1"},
		4:   {"0", "1", "2", "3", "4"},
		29:  {"0", "5", "10", "15", "20", "25"},
		150: {"0", "50", "100", "150"},
	} {
		if got := labelsOf(roundTicks(0, most)); !slices.Equal(got, want) {
			t.Errorf("up to %v: got %q, want %q", most, got, want)
		}
	}
	for most := 0.01; most < 1e6; most *= 1.03 {
		if n := len(roundTicks(0, most)); n < 4 || n > 10 {
			t.Errorf("up to %v: got %d ticks, want 4 to 10", most, n)
		}
	}
}

func TestTimeTicks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		until float64
		want  []string
		unit  string
	}{
		{3, []string{"0", "1", "2", "3"}, "seconds"},
		{60, []string{"0", "5", "10", "15", "20", "25", "30", "35", "40", "45", "50", "55", "60"}, "seconds"},
		{200, []string{"0", "0.5", "1", "1.5", "2", "2.5", "3"}, "minutes"},
		{600, []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}, "minutes"},
	} {
		ticks, unit := timeTicks(c.until, true)
		if got := labelsOf(ticks); !slices.Equal(got, c.want) || unit != c.unit {
			t.Errorf("up to %v: got %q in %s, want %q in %s", c.until, got, unit, c.want, c.unit)
		}
		bare, _ := timeTicks(c.until, false)
		if len(bare) != len(ticks) || slices.ContainsFunc(bare, func(t plot.Tick) bool { return t.Label != "" }) {
			t.Errorf("up to %v without labels: got %v, want %d ticks", c.until, bare, len(ticks))
		}
	}
	if ticks, _ := timeTicks(24*3600, true); len(ticks) > 13 {
		t.Errorf("a day has %d ticks, want 13 at most", len(ticks))
	}
}

func TestLogFromZero(t *testing.T) {
	t.Parallel()
	const least, most = 0, 1000
	values := []float64{0, 0.5, 1, 10, 100, 1000}
	var at []float64
	for _, v := range values {
		at = append(at, fromZero{}.Normalize(least, most, v))
	}
	if at[0] != 0 || at[len(at)-1] != 1 || !slices.IsSorted(at) {
		t.Errorf("the values %v stand at %v, want them in order from 0 to 1", values, at)
	}
	if at[2] < 0.09 { // on a linear scale, 1 of 1000 would be at 0.001
		t.Errorf("1 stands at %v, want it well apart from 0", at[2])
	}
}
