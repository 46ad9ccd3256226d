package main

import (
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A panel has its own values, and the time that all panels share.
type panel struct {
	title    string // with the unit
	lines    []series
	scale    scale
	from, to float64 // of the values; 0 and 0 are the panel's own
	until    float64 // seconds
}

// A series is one line.
type series struct {
	name   string
	color  color.Color
	points plotter.XYs
}

func (s *series) add(x, y float64) {
	if !math.IsNaN(y) {
		s.points = append(s.points, plotter.XY{X: x, Y: y})
	}
}

// maxBuckets bounds the size of the file: a line has two points for each.
const maxBuckets = 300

// thinned keeps the least and the greatest of each bucket in their order, so that no peak
// is lost.
func (s series) thinned() plotter.XYs {
	size := (len(s.points) + maxBuckets - 1) / maxBuckets
	if size <= 2 {
		return s.points
	}
	var kept plotter.XYs
	for rest := s.points; len(rest) > 0; {
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

// extent is the range of all values of a panel.
func (p panel) extent() (least, most float64) {
	least, most = math.Inf(1), math.Inf(-1)
	for _, s := range p.lines {
		for _, xy := range s.points {
			least, most = math.Min(least, xy.Y), math.Max(most, xy.Y)
		}
	}
	if least > most { // nothing is there
		return 0.1, 1
	}
	return least, most
}

// shareRange gives panels that are to be compared one range.
func shareRange(panels []panel) {
	least, most := math.Inf(1), math.Inf(-1)
	for _, p := range panels {
		l, m := p.extent()
		least, most = math.Min(least, l), math.Max(most, m)
	}
	for i := range panels {
		panels[i].from, panels[i].to = least, most
	}
}

// plot returns the panel without its title and key. The last one has the time below it.
func (p panel) plot(last bool) (*plot.Plot, error) {
	drawn := plot.New()
	drawn.BackgroundColor = nil
	from, to := p.from, p.to
	if from == 0 && to == 0 {
		from, to = p.extent()
	}
	p.scale.apply(&drawn.Y, from, to)
	times, unit := timeTicks(p.until, last)
	drawn.X.Min, drawn.X.Max = 0, p.until
	drawn.X.Tick.Marker = plot.ConstantTicks(times)
	if last {
		drawn.X.Label.Text = unit
		drawn.X.Label.TextStyle = textStyle(9, false, gray)
	}
	for _, axis := range []*plot.Axis{&drawn.X, &drawn.Y} {
		axis.Padding = 0
		axis.LineStyle = draw.LineStyle{Color: gray, Width: 0.5}
		axis.Tick.LineStyle = axis.LineStyle
		axis.Tick.Length = 4
		style := textStyle(9, false, gray)
		style.XAlign, style.YAlign = axis.Tick.Label.XAlign, axis.Tick.Label.YAlign
		axis.Tick.Label = style
	}
	drawn.Add(grid{times, drawn.Y.Tick.Marker.Ticks(drawn.Y.Min, drawn.Y.Max)})
	for _, s := range p.lines {
		if len(s.points) == 0 {
			continue
		}
		line, err := plotter.NewLine(s.thinned())
		if err != nil {
			return nil, err
		}
		line.LineStyle = draw.LineStyle{Color: s.color, Width: 1.1}
		drawn.Add(line)
	}
	return drawn, nil
}

// drawKey writes the title of a panel at the left and the names of its lines at the right,
// with room for those who read it in a wider font.
func (p panel) drawKey(c draw.Canvas, x, y vg.Length) {
	c.FillText(textStyle(10, true, black), vg.Point{X: x, Y: y}, p.title)
	style := textStyle(10, false, black)
	x = c.Max.X
	for _, s := range slices.Backward(p.lines) {
		if s.name == "" {
			continue
		}
		x -= style.Width(s.name)*1.15 + 4
		c.FillText(style, vg.Point{X: x, Y: y}, s.name)
		c.StrokeLine2(draw.LineStyle{Color: s.color, Width: 2.5}, x-20, y+3.5, x-4, y+3.5)
		x -= 34
	}
}

// A grid has a line at each labelled tick of both axes, whether or not the label is shown.
type grid struct{ x, y []plot.Tick }

// Plot implements [plot.Plotter].
func (g grid) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	style := draw.LineStyle{Color: faint, Width: 0.6}
	for _, t := range g.x {
		c.StrokeLine2(style, x(t.Value), c.Min.Y, x(t.Value), c.Max.Y)
	}
	for _, t := range g.y {
		if !t.IsMinor() {
			c.StrokeLine2(style, c.Min.X, y(t.Value), c.Max.X, y(t.Value))
		}
	}
}
