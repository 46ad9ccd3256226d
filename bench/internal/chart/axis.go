package chart

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// A Scale says how values are laid out on the vertical axis.
type Scale int

const (
	// Linear starts at 0.
	Linear Scale = iota
	// Log starts at a power of ten. Every value must be above 0.
	Log
	// LogFromZero is the logarithm of 1 + value. It is for counts, most of which may be 0.
	LogFromZero
)

// apply sets an axis up for values from least to most.
func (s Scale) apply(axis *plot.Axis, least, most float64) {
	switch s {
	case Linear:
		axis.Min, axis.Max = 0, math.Max(most*1.08, 1)
		axis.Tick.Marker = plot.TickerFunc(roundTicks)
	case Log:
		axis.Min = math.Pow(10, math.Floor(math.Log10(least)))
		axis.Max = math.Max(most*1.2, axis.Min*11)
		axis.Scale = plot.LogScale{}
		axis.Tick.Marker = plot.TickerFunc(decadeTicks)
	case LogFromZero:
		axis.Min, axis.Max = 0, math.Max(most*1.5, 12)
		axis.Scale = fromZero{}
		axis.Tick.Marker = plot.TickerFunc(func(_, most float64) []plot.Tick {
			return append([]plot.Tick{tick(0)}, decadeTicks(1, most)...)
		})
	}
}

// fromZero implements [plot.Normalizer] for [LogFromZero].
type fromZero struct{}

// Normalize returns where v stands between least, which is 0 there, and most, which is 1.
func (fromZero) Normalize(least, most, v float64) float64 {
	return (math.Log1p(v) - math.Log1p(least)) / (math.Log1p(most) - math.Log1p(least))
}

// decadeTicks returns the powers of ten from least, which is one, to most.
func decadeTicks(least, most float64) []plot.Tick {
	var ticks []plot.Tick
	for n := math.Round(math.Log10(least)); math.Pow(10, n) <= most*1.001; n++ {
		ticks = append(ticks, tick(math.Pow(10, n)))
	}
	return ticks
}

// roundTicks returns four to ten round numbers from 0 to most, which is above 0.
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

// timeSteps are the times between two ticks that a reader counts easily, in seconds.
var timeSteps = []float64{1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200}

// timeTicks returns at most 13 round times up to until, which is in seconds and at most a
// day, and the unit of their labels. Without labels, a tick is a mark and a line.
func timeTicks(until float64, labels bool) (ticks []plot.Tick, unit string) {
	step := timeSteps[0]
	for _, step = range timeSteps {
		if until/step <= 12.5 {
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
