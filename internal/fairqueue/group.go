package fairqueue

// A group is callers that share their turns. It exists only while it has callers.
type group struct {
	name      string
	length    int      // places, those of callers that work included
	preparing []*Place // oldest first
	waiting   []*Place // oldest first
	index     int      // in byLength
}

// yields returns the group's length if one of its callers can lose its place, and else 0.
func (g *group) yields() int {
	if len(g.preparing)+len(g.waiting) == 0 {
		return 0
	}
	return g.length
}

// newest returns the caller that would be the last of its group to work.
func (g *group) newest() *Place {
	if n := len(g.preparing); n > 0 {
		return g.preparing[n-1]
	}
	return g.waiting[len(g.waiting)-1]
}

// byLength is a heap of groups ([container/heap]) with the longest group that can yield a
// place at the root.
type byLength []*group

func (b byLength) Len() int           { return len(b) }
func (b byLength) Less(i, j int) bool { return b[i].yields() > b[j].yields() }

func (b byLength) Swap(i, j int) {
	b[i], b[j] = b[j], b[i]
	b[i].index, b[j].index = i, j
}

// Push implements [heap.Interface].
func (b *byLength) Push(g any) {
	added := g.(*group)
	added.index = len(*b)
	*b = append(*b, added)
}

// Pop implements [heap.Interface].
func (b *byLength) Pop() any {
	last := len(*b) - 1
	removed := (*b)[last]
	(*b)[last] = nil
	*b = (*b)[:last]
	return removed
}
