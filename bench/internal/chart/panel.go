package chart

import (
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

var (
	gray  = color.RGBA{0x55, 0x55, 0x55, 0xff} // axes
	faint = color.RGBA{0xe4, 0xe4, 0xe4, 0xff} // grid
)

// A Panel is one set of axes with its lines. Later lines are drawn over earlier ones.
type Panel struct {
	Title string // with the unit of the values
	Lines []Line
	Scale Scale // of the values; the default is [Linear]

	// Min and Max are the values that the axis must have room for. The default, 0 and 0,
	// takes them from the lines. [ShareRange] sets them.
	Min, Max float64
}

// ShareRange gives panels that are to be compared one range of values: that of all their
// lines.
func ShareRange(panels []Panel) {
	least, most := math.Inf(1), math.Inf(-1)
	for _, p := range panels {
		l, m := p.extent()
		least, most = math.Min(least, l), math.Max(most, m)
	}
	for i := range panels {
		panels[i].Min, panels[i].Max = least, most
	}
}

// extent returns the least and the greatest value of all lines. A panel without values gets
// a range that every scale can draw.
func (p Panel) extent() (least, most float64) {
	least, most = math.Inf(1), math.Inf(-1)
	for _, l := range p.Lines {
		for _, point := range l.points {
			least, most = math.Min(least, point.Y), math.Max(most, point.Y)
		}
	}
	if least > most {
		return 0.1, 1
	}
	return least, most
}

// plot returns the panel without its title and key. The last panel of a chart has the times
// below it.
func (p Panel) plot(until float64, last bool) (*plot.Plot, error) {
	drawn := plot.New()
	drawn.BackgroundColor = nil
	least, most := p.Min, p.Max
	if least == 0 && most == 0 {
		least, most = p.extent()
	}
	p.Scale.apply(&drawn.Y, least, most)
	times, unit := timeTicks(until, last)
	drawn.X.Min, drawn.X.Max = 0, until
	drawn.X.Tick.Marker = plot.ConstantTicks(times)
	if last {
		drawn.X.Label.Text = unit
	}
	styleAxis(&drawn.X)
	styleAxis(&drawn.Y)
	drawn.Add(grid{times, drawn.Y.Tick.Marker.Ticks(drawn.Y.Min, drawn.Y.Max)})
	for _, l := range p.Lines {
		if len(l.points) == 0 {
			continue
		}
		line, err := plotter.NewLine(l.thinned())
		if err != nil {
			return nil, err
		}
		line.LineStyle = draw.LineStyle{Color: l.Color, Width: 1.1}
		drawn.Add(line)
	}
	return drawn, nil
}

func styleAxis(axis *plot.Axis) {
	axis.Padding = 0
	axis.LineStyle = draw.LineStyle{Color: gray, Width: 0.5}
	axis.Tick.LineStyle = axis.LineStyle
	axis.Tick.Length = 4
	style := textStyle(9, false, gray)
	axis.Label.TextStyle = style
	style.XAlign, style.YAlign = axis.Tick.Label.XAlign, axis.Tick.Label.YAlign
	axis.Tick.Label = style
}

// drawKey writes the panel's title at the left and the names of its lines at the right. It
// leaves room for a reader's font that is wider than ours.
func (p Panel) drawKey(c draw.Canvas, x, y vg.Length) {
	c.FillText(textStyle(10, true, Black), vg.Point{X: x, Y: y}, p.Title)
	style := textStyle(10, false, Black)
	x = c.Max.X
	for _, l := range slices.Backward(p.Lines) {
		if l.Name == "" {
			continue
		}
		x -= style.Width(l.Name)*1.15 + 4
		c.FillText(style, vg.Point{X: x, Y: y}, l.Name)
		c.StrokeLine2(draw.LineStyle{Color: l.Color, Width: 2.5}, x-20, y+3.5, x-4, y+3.5)
		x -= 34
	}
}

// A grid draws a line at each tick of both axes. A tick of the time needs no label for it.
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
