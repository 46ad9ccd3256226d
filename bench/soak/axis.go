package main

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// A scale is how the values of a panel are laid out.
type scale int

const (
	linear              scale = iota // from 0
	logarithmic                      // from a power of ten
	logarithmicFromZero              // of 1 + value, so that 0, which most counts are, has its place
)

// apply sets an axis up for values in a range.
func (s scale) apply(axis *plot.Axis, from, to float64) {
	switch s {
	case linear:
		axis.Min, axis.Max = 0, math.Max(to*1.08, 1)
		axis.Tick.Marker = plot.TickerFunc(roundTicks)
	case logarithmic:
		axis.Min = math.Pow(10, math.Floor(math.Log10(from)))
		axis.Max = math.Max(to*1.2, axis.Min*11)
		axis.Scale = plot.LogScale{}
		axis.Tick.Marker = plot.TickerFunc(decadeTicks)
	case logarithmicFromZero:
		axis.Min, axis.Max = 0, math.Max(to*1.5, 12)
		axis.Scale = fromZero{}
		axis.Tick.Marker = plot.TickerFunc(func(_, most float64) []plot.Tick {
			return append([]plot.Tick{{Value: 0, Label: "0"}}, decadeTicks(1, most)...)
		})
	}
}

// fromZero implements [plot.Normalizer].
type fromZero struct{}

func (fromZero) Normalize(least, most, v float64) float64 {
	return (math.Log1p(v) - math.Log1p(least)) / (math.Log1p(most) - math.Log1p(least))
}

// decadeTicks are at the powers of ten; least is one.
func decadeTicks(least, most float64) []plot.Tick {
	var ticks []plot.Tick
	for n := math.Round(math.Log10(least)); math.Pow(10, n) <= most*1.001; n++ {
		ticks = append(ticks, tick(math.Pow(10, n)))
	}
	return ticks
}

// roundTicks are three to five round numbers.
func roundTicks(_, most float64) []plot.Tick {
	step := math.Pow(10, math.Floor(math.Log10(most)))
	for _, finer := range []float64{0.5, 0.4, 0.5} { // 5, 2 and 1 of the next power of ten
		if most/step >= 3 {
			break
		}
		step *= finer
	}
	var ticks []plot.Tick
	for n := 0.0; n*step <= most; n++ {
		ticks = append(ticks, tick(n*step))
	}
	return ticks
}

func tick(v float64) plot.Tick {
	return plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'g', 6, 64)}
}

// timeTicks are at most 13 round times, in seconds. Without labels there is still a mark
// and a line at each.
func timeTicks(until float64, labels bool) (ticks []plot.Tick, unit string) {
	step := 1.0
	for _, s := range []float64{1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200} {
		if step = s; until/step <= 12.5 {
			break
		}
	}
	divisor, unit := 1.0, "seconds"
	if step >= 30 {
		divisor, unit = 60, "minutes"
	}
	for n := 0.0; n*step <= until; n++ {
		t := plot.Tick{Value: n * step}
		if labels {
			t.Label = strconv.FormatFloat(n*step/divisor, 'g', 4, 64)
		}
		ticks = append(ticks, t)
	}
	return ticks, unit
}
