package picture

import (
	"cmp"
	"slices"
)

// sweeps is how often the columns are ordered from the left to the right and back.
const sweeps = 6

// order returns the nodes of each column in an order in which few lines cross. In each sweep, a
// node moves to the mean place of its neighbours. The best order is kept. The first
// columns, as many as fixed, keep their order.
// (https://doi.org/10.1109/TSMC.1981.4308636).
func (o *layering) order(fixed int) [][]int {
	order := make([][]int, len(o.columns))
	for i, n := range o.nodes {
		order[n.column] = append(order[n.column], i)
	}
	for _, nodes := range order { // without a row: last
		slices.SortStableFunc(nodes, func(a, b int) int { return min(len(o.nodes[b].chains), 1) - min(len(o.nodes[a].chains), 1) })
	}
	best, fewest := order, -1
	for range sweeps {
		for column := fixed; column < len(order); column++ {
			order = o.sorted(order, column, func(n layered) []int { return n.left })
		}
		if crossings := o.crossings(order); fewest < 0 || crossings < fewest {
			best, fewest = order, crossings
		}
		for column := len(order) - 1; column >= fixed; column-- {
			order = o.sorted(order, column, func(n layered) []int { return n.right })
		}
		if crossings := o.crossings(order); crossings < fewest {
			best, fewest = order, crossings
		}
	}
	return best
}

// sorted returns an order with one column sorted by the mean place of the neighbours. A node
// without a neighbour keeps its place.
func (o *layering) sorted(order [][]int, column int, neighbours func(layered) []int) [][]int {
	places := o.places(order)
	mean := map[int]float64{}
	for place, i := range order[column] {
		near := neighbours(o.nodes[i])
		sum := 0.0
		for _, n := range near {
			sum += float64(places[n])
		}
		mean[i] = sum / float64(max(1, len(near)))
		if len(near) == 0 {
			mean[i] = float64(place)
		}
		if len(o.nodes[i].chains) == 0 {
			mean[i] = last
		}
	}
	next := slices.Clone(order)
	next[column] = slices.Clone(order[column])
	slices.SortStableFunc(next[column], func(a, b int) int { return cmp.Compare(mean[a], mean[b]) })
	return next
}

// places returns the place of each node in its column.
func (o *layering) places(order [][]int) []int {
	places := make([]int, len(o.nodes))
	for _, nodes := range order {
		for place, i := range nodes {
			places[i] = place
		}
	}
	return places
}

// crossings returns how many pairs of lines cross: between two columns, those whose ends are in
// another order than their beginnings.
func (o *layering) crossings(order [][]int) int {
	places := o.places(order)
	sum := 0
	for column := range max(0, len(order)-1) {
		var ends []int // in the order of the beginnings
		for _, i := range order[column] {
			right := make([]int, len(o.nodes[i].right))
			for k, to := range o.nodes[i].right {
				right[k] = places[to]
			}
			slices.Sort(right)
			ends = append(ends, right...)
		}
		sum += inversions(ends, len(order[column+1]))
	}
	return sum
}

// inversions returns how many pairs of numbers below most are in descending order. It counts with
// a Fenwick tree.
func inversions(numbers []int, most int) int {
	tree := make([]int, most+1)
	sum := 0
	for seen, n := range numbers {
		notGreater := 0
		for i := n + 1; i > 0; i -= i & -i {
			notGreater += tree[i]
		}
		sum += seen - notGreater
		for i := n + 1; i <= most; i += i & -i {
			tree[i]++
		}
	}
	return sum
}
