package chart

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/plotter"
)

// The colours for lines are those of Okabe and Ito, which colour-blind readers can tell
// apart.
var (
	Blue      = color.RGBA{0x00, 0x72, 0xb2, 0xff}
	Sky       = color.RGBA{0x56, 0xb4, 0xe9, 0xff}
	Orange    = color.RGBA{0xe6, 0x9f, 0x00, 0xff}
	Vermilion = color.RGBA{0xd5, 0x5e, 0x00, 0xff}
	Black     = color.RGBA{0x00, 0x00, 0x00, 0xff}
)

// A Line joins its points in the order in which they were added.
type Line struct {
	Name  string // empty for a line that the panel's title explains
	Color color.Color

	points plotter.XYs
}

// Add adds a value at a time, in seconds. It ignores a value that is not a number.
func (l *Line) Add(seconds, value float64) {
	if !math.IsNaN(value) {
		l.points = append(l.points, plotter.XY{X: seconds, Y: value})
	}
}

// maxBuckets bounds the size of the SVG. A line has at most two points for each bucket.
const maxBuckets = 300

// thinned returns the least and the greatest point of each bucket, in their order. So no
// peak is lost.
func (l Line) thinned() plotter.XYs {
	size := (len(l.points) + maxBuckets - 1) / maxBuckets
	if size <= 2 {
		return l.points
	}
	var kept plotter.XYs
	for rest := l.points; len(rest) > 0; {
		bucket := rest[:min(size, len(rest))]
		rest = rest[len(bucket):]
		least, most := 0, 0
		for i, p := range bucket {
			if p.Y < bucket[least].Y {
				least = i
			}
			if p.Y > bucket[most].Y {
				most = i
			}
		}
		kept = append(kept, bucket[min(least, most)])
		if least != most {
			kept = append(kept, bucket[max(least, most)])
		}
	}
	return kept
}
